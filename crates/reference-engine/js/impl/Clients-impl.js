import * as Client from "../gen/Client.js";
import { ask } from "../src/calls.js";
import { intrinsics } from "../src/intrinsics.js";

export class implementation {
  async matchAll(options) {
    const clients = await ask({
      call: "clientsMatchAll",
      include_uncontrolled: options.includeUncontrolled,
      kind: options.type,
    });
    return clients.map((client) => Client.create(intrinsics, [], client));
  }

  claim() {
    return ask({ call: "clientsClaim" });
  }
}
