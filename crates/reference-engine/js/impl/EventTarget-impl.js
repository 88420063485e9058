import { wrapperForImpl } from "../gen/utils.js";
import { reportException } from "../src/report.js";

const flag = (options, name) => (typeof options === "boolean" ? options : Boolean(options?.[name]));

/** DOM `EventTarget` without a tree: every event is at its target. */
export class implementation {
  constructor() {
    this.listeners = [];
  }

  addEventListener(type, callback, options) {
    const signal = typeof options === "object" ? options.signal : undefined;
    if (callback === null || signal?.aborted) return;
    const capture = flag(options, "capture");
    if (this.find(type, callback.objectReference, capture) >= 0) return;
    const listener = {
      type,
      capture,
      key: callback.objectReference,
      once: typeof options === "object" && options.once,
      passive: typeof options === "object" && Boolean(options.passive),
      removed: false,
      call: (target, event) => callback.call(target, event),
    };
    this.listeners.push(listener);
    signal?.onAbort(() => this.removeListener(listener));
  }

  removeEventListener(type, callback, options) {
    if (callback === null) return;
    const index = this.find(type, callback.objectReference, flag(options, "capture"));
    if (index >= 0) this.removeListener(this.listeners[index]);
  }

  find(type, key, capture) {
    return this.listeners.findIndex((l) => l.type === type && l.key === key && l.capture === capture);
  }

  removeListener(listener) {
    listener.removed = true;
    const index = this.listeners.indexOf(listener);
    if (index >= 0) this.listeners.splice(index, 1);
  }

  dispatchEvent(event) {
    if (event.dispatching) {
      throw new DOMException("The event is already being dispatched.", "InvalidStateError");
    }
    event.isTrusted = false;
    return this.fire(event);
  }

  /** Fires an event that the engine makes; microtasks run between listeners when nothing else is on the stack. */
  fireTrusted(event, afterEach) {
    event.isTrusted = true;
    return this.fire(event, afterEach);
  }

  /** Calls the listeners; `afterEach` runs when one has returned and nothing else is on the stack. */
  fire(event, afterEach = () => {}) {
    const target = wrapperForImpl(this);
    event.dispatching = true;
    event.target = this;
    // Capturing listeners come first even at the target.
    for (const capture of [true, false]) {
      event.eventPhase = 2;
      event.currentTarget = this;
      for (const listener of this.listeners.slice()) {
        if (listener.type !== event.type || listener.capture !== capture || listener.removed) continue;
        if (listener.once) this.removeListener(listener);
        event.inPassiveListener = listener.passive;
        try {
          listener.call(target, wrapperForImpl(event));
        } catch (error) {
          reportException(error);
        }
        event.inPassiveListener = false;
        afterEach();
        if (event.immediatePropagationStopped) break;
      }
      if (event.propagationStopped) break;
    }
    event.eventPhase = 0;
    event.currentTarget = null;
    event.dispatching = false;
    event.propagationStopped = false;
    event.immediatePropagationStopped = false;
    return !event.defaultPrevented;
  }
}
