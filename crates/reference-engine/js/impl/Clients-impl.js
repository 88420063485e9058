import { ambient } from "../src/ambient.js";
import { ask } from "../src/calls.js";
import { clientFrom } from "../src/clients.js";
import { resolveUrl } from "../src/url.js";

export class implementation {
  async get(id) {
    const found = await ask({ call: "clientsGet", id: id.toWellFormed() });
    return found === undefined ? undefined : clientFrom(found);
  }

  async matchAll({ includeUncontrolled, type }) {
    const clients = await ask({ call: "clientsMatchAll", include_uncontrolled: includeUncontrolled, kind: type });
    return Object.freeze(clients.map(clientFrom));
  }

  async openWindow(url) {
    const opened = await ask({ call: "openWindow", url: resolveUrl(url, ambient.location.href) });
    return opened === undefined ? null : clientFrom(opened);
  }

  claim() {
    return ask({ call: "clientsClaim" });
  }
}
