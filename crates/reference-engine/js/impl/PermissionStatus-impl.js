import { eventHandler } from "../src/event-handler.js";
import { implementation as EventTarget } from "./EventTarget-impl.js";

export class implementation extends EventTarget {
  constructor(realm, args, { name, state }) {
    super(realm, args);
    this.name = name;
    this.state = state;
    eventHandler(this, this, "change");
  }
}
