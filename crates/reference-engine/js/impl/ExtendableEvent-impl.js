import { implementation as Event } from "./Event-impl.js";
import { whenSettled } from "../src/promises.js";
import { describeFailure } from "../src/report.js";

/** Service Workers `ExtendableEvent`: counts the promises that keep the event alive. */
export class implementation extends Event {
  constructor(realm, args) {
    super(realm, args);
    this.pendingPromises = 0;
    this.rejection = null;
    this.onSettled = null;
  }

  waitUntil(promise) {
    if (!this.isTrusted) {
      throw new DOMException("Only an event made by the engine can be extended.", "InvalidStateError");
    }
    if (!this.dispatching && this.pendingPromises === 0) {
      throw new DOMException("The event has already ended.", "InvalidStateError");
    }
    this.pendingPromises += 1;
    // One microtask later than the promise itself, so that its own reactions may still extend the event.
    const release = () => queueMicrotask(() => this.release());
    whenSettled(promise, release, (reason) => {
      this.rejection ??= { reason: describeFailure(reason) };
      release();
    });
  }

  release() {
    this.pendingPromises -= 1;
    this.settleIfIdle();
  }

  settleIfIdle() {
    if (this.dispatching || this.pendingPromises > 0 || this.onSettled === null) return;
    const report = this.onSettled;
    this.onSettled = null;
    report(this.rejection);
  }
}
