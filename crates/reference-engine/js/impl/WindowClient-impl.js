import { ask } from "../src/calls.js";
import { clientFrom } from "../src/clients.js";
import { implementation as Client } from "./Client-impl.js";

export class implementation extends Client {
  constructor(realm, args, info) {
    super(realm, args, info);
    this.visibilityState = info.visible ? "visible" : "hidden";
    this.focused = info.focused;
  }

  async focus() {
    return clientFrom(await ask({ call: "focusClient", id: this.id }));
  }
}
