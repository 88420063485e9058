/**
 * Defines `on<type>` on `holder` for events of the target impl. As HTML has it: the listener is added when a handler
 * is first set and keeps its place until the handler becomes null, and scripts cannot remove it.
 */
export function eventHandler(holder, target, type, check = () => {}) {
  let handler = null;
  let listener = null;
  const descriptor = {
    get() {
      check(this);
      return handler;
    },
    set(value) {
      check(this);
      handler = typeof value === "function" || (typeof value === "object" && value !== null) ? value : null;
      if (handler === null && listener !== null) {
        target.removeListener(listener);
        listener = null;
      } else if (handler !== null && listener === null) {
        listener = { type, capture: false, key: null, once: false, passive: false, removed: false, call };
        target.listeners.push(listener);
      }
    },
    enumerable: true,
    configurable: true,
  };
  function call(receiver, event) {
    const callback = handler?.objectReference ?? handler;
    if (typeof callback !== "function") return;
    if (Reflect.apply(callback, receiver, [event]) === false) event.preventDefault();
  }
  Object.defineProperty(descriptor.get, "name", { value: `get on${type}` });
  Object.defineProperty(descriptor.set, "name", { value: `set on${type}` });
  Object.defineProperty(holder, `on${type}`, descriptor);
}
