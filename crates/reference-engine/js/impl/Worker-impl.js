import * as MessagePort from "../gen/MessagePort.js";
import { ambient } from "../src/ambient.js";
import { tell } from "../src/calls.js";
import { forwardMessages } from "../src/client-workers.js";
import { eventHandler } from "../src/event-handler.js";
import { intrinsics } from "../src/intrinsics.js";
import { entangle } from "../src/ports.js";
import { resolveScriptUrl } from "../src/url.js";
import { implementation as EventTarget } from "./EventTarget-impl.js";

/** HTML `Worker`: a dedicated worker, talked to through a port that scripts do not see. */
export class implementation extends EventTarget {
  constructor(realm, [scriptURL, { type, name }]) {
    super(realm, [scriptURL]);
    if (type === "module") throw new TypeError("The reference engine runs classic workers only.");
    const url = resolveScriptUrl(scriptURL, ambient.location.href);
    const [inner, outer] = entangle();
    this.port = MessagePort.createImpl(intrinsics, [], { name: outer });
    forwardMessages(this.port, this);
    for (const kind of ["message", "messageerror", "error"]) eventHandler(this, this, kind);
    tell({ call: "startWorker", kind: "dedicated", script_url: url, name: name.toWellFormed(), port: inner });
    this.inner = inner;
  }

  postMessage(message, options) {
    this.port.postMessage(message, options);
  }

  terminate() {
    tell({ call: "terminateWorker", port: this.inner });
    this.port.close();
  }
}
