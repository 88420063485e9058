import { tell } from "../src/calls.js";
import { eventHandler } from "../src/event-handler.js";
import { serialize } from "../src/messages.js";
import { implementation as EventTarget } from "./EventTarget-impl.js";

export class implementation extends EventTarget {
  constructor(realm, args, { id, script_url: scriptURL, state }) {
    super(realm, args);
    this.id = id;
    this.scriptURL = scriptURL;
    this.state = state;
    eventHandler(this, this, "statechange");
    eventHandler(this, this, "error");
  }

  postMessage(message, options) {
    tell({ call: "postMessage", to: { serviceWorker: this.id }, message: serialize(message, options) });
  }
}
