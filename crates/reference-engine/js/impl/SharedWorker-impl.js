import * as MessagePort from "../gen/MessagePort.js";
import { ambient } from "../src/ambient.js";
import { tell } from "../src/calls.js";
import { eventHandler } from "../src/event-handler.js";
import { intrinsics } from "../src/intrinsics.js";
import { entangle } from "../src/ports.js";
import { resolveScriptUrl } from "../src/url.js";
import { implementation as EventTarget } from "./EventTarget-impl.js";

/** HTML `SharedWorker`: one worker for all pages of the origin that name the same script and name. */
export class implementation extends EventTarget {
  constructor(realm, [scriptURL, options]) {
    super(realm, [scriptURL]);
    const { type = "classic", name = "" } = typeof options === "string" ? { name: options } : options ?? {};
    if (type === "module") throw new TypeError("The reference engine runs classic workers only.");
    const url = resolveScriptUrl(scriptURL, ambient.location.href);
    const [inner, outer] = entangle();
    this.port = MessagePort.createImpl(intrinsics, [], { name: outer });
    eventHandler(this, this, "error");
    tell({ call: "startWorker", kind: "shared", script_url: url, name: name.toWellFormed(), port: inner });
  }
}
