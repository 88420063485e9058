import * as AbortSignal from "../gen/AbortSignal.js";
import * as Event from "../gen/Event.js";
import { eventHandler } from "../src/event-handler.js";
import { intrinsics } from "../src/intrinsics.js";
import { startTimer } from "../src/timers.js";
import { implementation as EventTarget } from "./EventTarget-impl.js";

export class implementation extends EventTarget {
  constructor(realm, args) {
    super(realm, args);
    this.aborted = false;
    this.reason = undefined;
    this.abortSteps = [];
    eventHandler(this, this, "abort");
  }

  static abort(reason) {
    const signal = AbortSignal.createImpl(intrinsics, []);
    signal.signalAbort(reason);
    return signal;
  }

  static timeout(milliseconds) {
    const signal = AbortSignal.createImpl(intrinsics, []);
    startTimer(milliseconds, () => signal.signalAbort(new DOMException("The time is up.", "TimeoutError")));
    return signal;
  }

  static any(signals) {
    const dependent = AbortSignal.createImpl(intrinsics, []);
    for (const source of signals) source.onAbort(() => dependent.signalAbort(source.reason));
    return dependent;
  }

  throwIfAborted() {
    if (this.aborted) throw this.reason;
  }

  /** Runs `step` when the signal aborts, at once if it already has. */
  onAbort(step) {
    if (this.aborted) step();
    else this.abortSteps.push(step);
  }

  signalAbort(reason = new DOMException("The operation was aborted.", "AbortError")) {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const step of this.abortSteps.splice(0)) step();
    const event = Event.createImpl(intrinsics, ["abort", { bubbles: false, cancelable: false, composed: false }]);
    event.isTrusted = true;
    this.fire(event);
  }
}
