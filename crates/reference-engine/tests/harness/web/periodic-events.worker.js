// The event's constructor, and the handler attribute.
importScripts("/testharness.js", "/report.js");

const TAG = { tag: "t" };
const type = "periodicsync";

test(() => {
  for (const args of [[], [type], [type, undefined], [type, null], [type, {}], [type, "t"], [type, 5], [type, { tag: undefined }]]) {
    assert_throws_js(TypeError, () => new PeriodicSyncEvent(...args), format_value(args));
  }
  assert_throws_js(TypeError, () => PeriodicSyncEvent(type, TAG), "without new");
}, "45: the type and a tag are required");

test(() => {
  for (const [given, tag] of [[null, "null"], ["", ""], [5, "5"], ["\ud800", "\ud800"], [{ toString: () => "text" }, "text"]]) {
    assert_equals(new PeriodicSyncEvent(type, { tag: given }).tag, tag);
  }
  assert_throws_js(TypeError, () => new PeriodicSyncEvent(type, { tag: Symbol("t") }));
}, "45: any text is a tag, and what is none is converted");

test(() => {
  assert_false("lastChance" in new PeriodicSyncEvent(type, { tag: "t", lastChance: true }));
}, "46: there is no last chance");

test(() => {
  const asked = [];
  const init = {};
  for (const name of ["tag", "lastChance", "composed", "bubbles", "cancelable"]) {
    Object.defineProperty(init, name, { get() { asked.push(name); return "x"; } });
  }
  new PeriodicSyncEvent(type, init);
  assert_array_equals(asked, ["bubbles", "cancelable", "composed", "tag"]);
}, "46: members are read in order, inherited ones first");

test(() => {
  const plain = new PeriodicSyncEvent("other", TAG);
  assert_equals(plain.type, "other");
  for (const name of ["bubbles", "cancelable", "composed", "isTrusted"]) assert_false(plain[name], name);
  const full = new PeriodicSyncEvent(type, { tag: "t", bubbles: true, cancelable: true, composed: true });
  for (const name of ["bubbles", "cancelable", "composed"]) assert_true(full[name], name);
  assert_true(full instanceof ExtendableEvent && full instanceof Event);
}, "47: what every event has comes from the init, too");

test(() => {
  const event = new PeriodicSyncEvent(type, TAG);
  assert_throws_dom("InvalidStateError", () => event.waitUntil(Promise.resolve()));
  let thrown;
  const extend = (dispatched) => {
    try { dispatched.waitUntil(Promise.resolve()); } catch (error) { thrown = error; }
  };
  addEventListener(type, extend);
  dispatchEvent(event);
  removeEventListener(type, extend);
  assert_equals(thrown?.name, "InvalidStateError", "nor while a script dispatches it");
}, "47: an event that a script has made cannot be extended");

/** Who is called, in order, for an event that the script dispatches. */
function called(...listeners) {
  const order = [];
  const named = new Map(listeners.map((name) => [name, () => { order.push(name); }]));
  return { order, of: (name) => named.get(name), dispatch: () => dispatchEvent(new PeriodicSyncEvent(type, TAG)) };
}

test((t) => {
  t.add_cleanup(() => { onperiodicsync = null; });
  assert_equals(onperiodicsync, null);
  const handler = () => {};
  onperiodicsync = handler;
  assert_equals(onperiodicsync, handler);
  for (const none of [5, "handler", true, undefined, null, Symbol("s")]) {
    onperiodicsync = none;
    assert_equals(onperiodicsync, null, format_value(none));
  }
}, "48: onperiodicsync is null at first, and after what is no object");

test((t) => {
  t.add_cleanup(() => { onperiodicsync = null; });
  const { order, of, dispatch } = called("handleEvent");
  const object = { handleEvent: of("handleEvent") };
  onperiodicsync = object;
  assert_equals(onperiodicsync, object);
  dispatch();
  assert_array_equals(order, [], "a handler is called itself, or not at all");
}, "48: an object that cannot be called is kept and not called");

test((t) => {
  const { order, of, dispatch } = called("first", "listener", "second");
  t.add_cleanup(() => { onperiodicsync = null; removeEventListener(type, of("listener")); });
  onperiodicsync = of("first");
  addEventListener(type, of("listener"));
  onperiodicsync = of("second");
  dispatch();
  assert_array_equals(order, ["second", "listener"]);
}, "48: a handler that is replaced keeps its place among the listeners");

test((t) => {
  const { order, of, dispatch } = called("first", "listener", "second");
  t.add_cleanup(() => { onperiodicsync = null; removeEventListener(type, of("listener")); });
  onperiodicsync = of("first");
  addEventListener(type, of("listener"));
  onperiodicsync = null;
  onperiodicsync = of("second");
  dispatch();
  assert_array_equals(order, ["listener", "second"]);
}, "48: a handler that was removed and set again comes last");

test((t) => {
  const { order, of, dispatch } = called("handler");
  t.add_cleanup(() => { onperiodicsync = null; });
  onperiodicsync = of("handler");
  removeEventListener(type, of("handler"));
  dispatch();
  addEventListener(type, of("handler"));
  dispatch();
  removeEventListener(type, of("handler"));
  assert_array_equals(order, ["handler", "handler", "handler"]);
}, "48: removeEventListener() does not know the handler, nor addEventListener()");

test((t) => {
  t.add_cleanup(() => { onperiodicsync = null; });
  onperiodicsync = function handler(event) {
    assert_equals(this, self);
    assert_equals(event.target, self);
    return event.tag === "stop" ? false : undefined;
  };
  for (const [tag, prevented] of [["stop", true], ["go on", false]]) {
    const event = new PeriodicSyncEvent(type, { tag, cancelable: true });
    dispatchEvent(event);
    assert_equals(event.defaultPrevented, prevented, tag);
  }
}, "48: a handler is called on the global, and cancels by returning false");

test(() => {
  for (const name of ["PeriodicSyncManager", "PeriodicSyncEvent"]) assert_equals(typeof self[name], "function", name);
  assert_true("onperiodicsync" in self);
  assert_true("periodicSync" in registration);
  assert_equals(registration.periodicSync, registration.periodicSync);
}, "49: a service worker sees the manager, the event and its handler");
