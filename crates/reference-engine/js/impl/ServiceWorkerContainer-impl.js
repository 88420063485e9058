import { ask } from "../src/calls.js";
import { ambient } from "../src/ambient.js";
import { registrationFor } from "../src/registrations.js";
import { resolveUrl } from "../src/url.js";
import { implementation as EventTarget } from "./EventTarget-impl.js";

export class implementation extends EventTarget {
  constructor(realm, args) {
    super(realm, args);
    this.readyPromise = null;
  }

  get ready() {
    this.readyPromise ??= this.whenReady();
    return this.readyPromise;
  }

  async whenReady() {
    return registrationFor(await ask({ call: "serviceWorkerReady" }));
  }

  async register(scriptURL, options) {
    const script = resolveUrl(scriptURL, ambient.location.href);
    const scope = options.scope === undefined ? null : resolveUrl(options.scope, ambient.location.href);
    return registrationFor(await ask({ call: "registerServiceWorker", script_url: script, scope }));
  }
}
