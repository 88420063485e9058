import { eventHandler } from "../src/event-handler.js";
import { keepPermission } from "../src/permissions.js";
import { implementation as EventTarget } from "./EventTarget-impl.js";

export class implementation extends EventTarget {
  constructor(realm, args, { name, state }) {
    super(realm, args);
    this.name = name;
    this.state = state;
    eventHandler(this, this, "change", { whenSet: () => keepPermission(this) });
  }

  addEventListener(...args) {
    super.addEventListener(...args);
    keepPermission(this);
  }
}
