import { isRequest } from "../src/fetch.js";
import { implementation as ExtendableEvent } from "./ExtendableEvent-impl.js";

/** Service Workers `FetchEvent`. Who answers the request is `src/fetch-event.js`. */
export class implementation extends ExtendableEvent {
  constructor(realm, [type, init]) {
    super(realm, [type, init]);
    if (!isRequest(init.request)) throw new TypeError("A fetch event's `request` is a Request.");
    this.request = init.request;
    this.clientId = init.clientId;
    this.resultingClientId = init.resultingClientId;
    this.handled = init.handled ?? new Promise(() => {});
    this.answered = false;
    /** Takes the promise of a response; set by whoever dispatches. */
    this.takeAnswer = null;
  }

  respondWith(promise) {
    if (!this.dispatching || !this.isTrusted) {
      throw new DOMException("A fetch event is answered while it is dispatched.", "InvalidStateError");
    }
    if (this.answered) throw new DOMException("The event is answered already.", "InvalidStateError");
    this.stopImmediatePropagation();
    this.answered = true;
    this.takeAnswer(promise);
    this.waitUntil(promise);
  }
}
