import * as Permissions from "../gen/Permissions.js";
import * as ServiceWorkerContainer from "../gen/ServiceWorkerContainer.js";
import { ambient } from "../src/ambient.js";
import { options } from "../src/natives.js";

export class implementation {
  constructor(realm) {
    this.permissions = Permissions.createImpl(realm, []);
    this.serviceWorker = options.secure ? ServiceWorkerContainer.createImpl(realm, []) : null;
  }

  get onLine() {
    return ambient.onLine;
  }

  get userAgent() {
    return "background-sync-reference-engine";
  }
}
