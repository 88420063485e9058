// META: title=ServiceWorkerGlobalScope.onsync
// META: timeout=long

const type = "sync";
const dispatch = () => dispatchEvent(new SyncEvent(type, { tag: "t" }));

/** Listeners that say when they were called. */
function listeners(...names) {
  const order = [];
  return [order, ...names.map(name => () => { order.push(name); })];
}

test(t => {
  t.add_cleanup(() => { onsync = null; });
  assert_equals(onsync, null);
  const handler = () => {};
  onsync = handler;
  assert_equals(onsync, handler);
  for (const none of [5, "handler", true, undefined, null, Symbol("s")]) {
    onsync = none;
    assert_equals(onsync, null, format_value(none));
  }
}, "onsync is null at first, and after what is no object");

test(t => {
  t.add_cleanup(() => { onsync = null; });
  const [order, handleEvent] = listeners("handleEvent");
  const object = { handleEvent };
  onsync = object;
  assert_equals(onsync, object);
  dispatch();
  assert_array_equals(order, []);
}, "an object that cannot be called is kept and not called");

test(t => {
  const [order, first, listener, second] = listeners("first", "listener", "second");
  t.add_cleanup(() => { onsync = null; removeEventListener(type, listener); });
  onsync = first;
  addEventListener(type, listener);
  onsync = second;
  dispatch();
  assert_array_equals(order, ["second", "listener"]);
}, "a handler that is replaced keeps its place among the listeners");

test(t => {
  const [order, first, listener, second] = listeners("first", "listener", "second");
  t.add_cleanup(() => { onsync = null; removeEventListener(type, listener); });
  onsync = first;
  addEventListener(type, listener);
  onsync = null;
  onsync = second;
  dispatch();
  assert_array_equals(order, ["listener", "second"]);
}, "a handler that was removed and set again comes last");

test(t => {
  const [order, handler] = listeners("handler");
  t.add_cleanup(() => { onsync = null; });
  onsync = handler;
  removeEventListener(type, handler);
  dispatch();
  assert_array_equals(order, ["handler"]);
}, "removeEventListener() does not know the handler");

test(t => {
  t.add_cleanup(() => { onsync = null; });
  onsync = function (event) {
    assert_equals(this, self);
    assert_equals(event.target, self);
    return event.tag === "stop" ? false : undefined;
  };
  for (const [tag, prevented] of [["stop", true], ["go on", false]]) {
    const event = new SyncEvent(type, { tag, cancelable: true });
    dispatchEvent(event);
    assert_equals(event.defaultPrevented, prevented, tag);
  }
}, "a handler is called on the global, and cancels by returning false");

test(() => {
  for (const name of ["SyncManager", "SyncEvent", "ExtendableEvent"]) assert_equals(typeof self[name], "function", name);
  assert_true("onsync" in self);
  assert_equals(registration.sync, registration.sync);
}, "a service worker sees the manager, the event and its handler");
