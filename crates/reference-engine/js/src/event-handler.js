import * as ErrorEvent from "../gen/ErrorEvent.js";
import { implForWrapper } from "../gen/utils.js";

/**
 * Defines `on<type>` on `holder` for events of the target impl. `check` throws on a wrong receiver; `whenSet` runs after
 * a handler was set. As HTML has it: the listener is added when a handler is first set and keeps its place until the
 * handler becomes null, and scripts cannot remove it; a global's `onerror` gets five arguments and cancels with `true`.
 */
export function eventHandler(holder, target, type, { check = () => {}, whenSet = () => {} } = {}) {
  let handler = null;
  let listener = null;
  const descriptor = {
    get() {
      check(this);
      return handler;
    },
    set(value) {
      check(this);
      // On an impl the generated setter has wrapped the script's own object.
      const given = holder === target ? value?.objectReference : value;
      handler = typeof given === "function" || (typeof given === "object" && given !== null) ? given : null;
      if (handler === null && listener !== null) {
        target.removeListener(listener);
        listener = null;
      } else if (handler !== null && listener === null) {
        listener = { type, capture: false, key: null, once: false, passive: false, removed: false, call };
        target.listeners.push(listener);
      }
      whenSet();
    },
    enumerable: true,
    configurable: true,
  };
  function call(receiver, event) {
    if (typeof handler !== "function") return;
    if (holder !== target && ErrorEvent.is(event)) {
      const { message, filename, lineno, colno, error } = implForWrapper(event);
      if (Reflect.apply(handler, receiver, [message, filename, lineno, colno, error]) === true) event.preventDefault();
    } else if (Reflect.apply(handler, receiver, [event]) === false) {
      event.preventDefault();
    }
  }
  Object.defineProperty(descriptor.get, "name", { value: `get on${type}` });
  Object.defineProperty(descriptor.set, "name", { value: `set on${type}` });
  Object.defineProperty(holder, `on${type}`, descriptor);
}
