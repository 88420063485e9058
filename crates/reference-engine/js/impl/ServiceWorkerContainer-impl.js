import * as MessageEvent from "../gen/MessageEvent.js";
import { ambient } from "../src/ambient.js";
import { ask } from "../src/calls.js";
import { eventHandler } from "../src/event-handler.js";
import { intrinsics } from "../src/intrinsics.js";
import { MessageQueue } from "../src/message-queue.js";
import { receive } from "../src/messages.js";
import { registrationFor, workerFor } from "../src/registrations.js";
import { fireSimple } from "../src/simple-events.js";
import { resolveUrl } from "../src/url.js";
import { implementation as EventTarget } from "./EventTarget-impl.js";
import { messageInit } from "./MessagePort-impl.js";

export class implementation extends EventTarget {
  constructor(realm, args) {
    super(realm, args);
    this.readyPromise = null;
    this.controller = null;
    this.queue = new MessageQueue((message) => this.deliver(message));
    eventHandler(this, this, "controllerchange");
    eventHandler(this, this, "message", { whenSet: () => this.startMessages() });
    eventHandler(this, this, "messageerror");
  }

  get ready() {
    this.readyPromise ??= this.whenReady();
    return this.readyPromise;
  }

  async whenReady() {
    return registrationFor(await ask({ call: "serviceWorkerReady" }));
  }

  async register(scriptURL, { scope, type, updateViaCache }) {
    if (type === "module") throw new TypeError("The reference engine runs classic service workers only.");
    const base = ambient.location.href;
    return registrationFor(await ask({
      call: "registerServiceWorker",
      script_url: resolveUrl(scriptURL, base),
      scope: scope === undefined ? null : resolveUrl(scope, base),
      update_via_cache: updateViaCache,
    }));
  }

  async getRegistration(clientURL) {
    const found = await ask({ call: "getRegistration", url: resolveUrl(clientURL, ambient.location.href) });
    return found === undefined ? undefined : registrationFor(found);
  }

  async getRegistrations() {
    return Object.freeze((await ask({ call: "getRegistrations" })).map(registrationFor));
  }

  /** Messages wait until the page's scripts have run, unless a script asks for them before. */
  startMessages() {
    this.queue.start();
  }

  receive(message) {
    this.queue.receive(message);
  }

  deliver({ message, source }) {
    const { type, data, ports } = receive(message);
    const init = messageInit(data, ports, ambient.location.origin, workerFor(source));
    this.fireTrusted(MessageEvent.createImpl(intrinsics, [type, init]));
  }

  controlledBy(info, tellScripts) {
    this.controller = workerFor(info);
    if (tellScripts) fireSimple(this, "controllerchange");
  }
}
