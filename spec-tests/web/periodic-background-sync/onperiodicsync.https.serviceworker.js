// META: title=ServiceWorkerGlobalScope.onperiodicsync
// META: timeout=long

const type = "periodicsync";
const dispatch = () => dispatchEvent(new PeriodicSyncEvent(type, { tag: "t" }));

/** Listeners that say when they were called. */
function listeners(...names) {
  const order = [];
  return [order, ...names.map(name => () => { order.push(name); })];
}

test(t => {
  t.add_cleanup(() => { onperiodicsync = null; });
  assert_equals(onperiodicsync, null);
  const handler = () => {};
  onperiodicsync = handler;
  assert_equals(onperiodicsync, handler);
  for (const none of [5, "handler", true, undefined, null, Symbol("s")]) {
    onperiodicsync = none;
    assert_equals(onperiodicsync, null, format_value(none));
  }
}, "onperiodicsync is null at first, and after what is no object");

test(t => {
  t.add_cleanup(() => { onperiodicsync = null; });
  const [order, handleEvent] = listeners("handleEvent");
  const object = { handleEvent };
  onperiodicsync = object;
  assert_equals(onperiodicsync, object);
  dispatch();
  assert_array_equals(order, []);
}, "an object that cannot be called is kept and not called");

test(t => {
  const [order, first, listener, second] = listeners("first", "listener", "second");
  t.add_cleanup(() => { onperiodicsync = null; removeEventListener(type, listener); });
  onperiodicsync = first;
  addEventListener(type, listener);
  onperiodicsync = second;
  dispatch();
  assert_array_equals(order, ["second", "listener"]);
}, "a handler that is replaced keeps its place among the listeners");

test(t => {
  const [order, first, listener, second] = listeners("first", "listener", "second");
  t.add_cleanup(() => { onperiodicsync = null; removeEventListener(type, listener); });
  onperiodicsync = first;
  addEventListener(type, listener);
  onperiodicsync = null;
  onperiodicsync = second;
  dispatch();
  assert_array_equals(order, ["listener", "second"]);
}, "a handler that was removed and set again comes last");

test(t => {
  const [order, handler] = listeners("handler");
  t.add_cleanup(() => { onperiodicsync = null; });
  onperiodicsync = handler;
  removeEventListener(type, handler);
  dispatch();
  assert_array_equals(order, ["handler"]);
}, "removeEventListener() does not know the handler");

test(t => {
  t.add_cleanup(() => { onperiodicsync = null; });
  onperiodicsync = function (event) {
    assert_equals(this, self);
    assert_equals(event.target, self);
    return event.tag === "stop" ? false : undefined;
  };
  for (const [tag, prevented] of [["stop", true], ["go on", false]]) {
    const event = new PeriodicSyncEvent(type, { tag, cancelable: true });
    dispatchEvent(event);
    assert_equals(event.defaultPrevented, prevented, tag);
  }
}, "a handler is called on the global, and cancels by returning false");

test(() => {
  for (const name of ["PeriodicSyncManager", "PeriodicSyncEvent", "ExtendableEvent"]) assert_equals(typeof self[name], "function", name);
  assert_true("onperiodicsync" in self);
  assert_equals(registration.periodicSync, registration.periodicSync);
}, "a service worker sees the manager, the event and its handler");
