import { implementation as EventTarget } from "./EventTarget-impl.js";
import { eventHandler } from "../src/event-handler.js";

export class implementation extends EventTarget {
  constructor(realm, args, { scriptURL, state }) {
    super(realm, args);
    this.scriptURL = scriptURL;
    this.state = state;
    eventHandler(this, this, "statechange");
  }
}
