// META: title=PeriodicSyncEvent: its constructor
// META: timeout=long

const TAG = { tag: "t" };
const type = "periodicsync";

test(() => {
  for (const args of [[], [type], [type, undefined], [type, null], [type, {}], [type, "t"], [type, 5], [type, { tag: undefined }]]) {
    assert_throws_js(TypeError, () => new PeriodicSyncEvent(...args), format_value(args));
  }
  assert_throws_js(TypeError, () => PeriodicSyncEvent(type, TAG), "without new");
}, "the type and a tag are required");

test(() => {
  for (const [given, tag] of [[null, "null"], ["", ""], [5, "5"], ["\ud800", "\ud800"], [{ toString: () => "text" }, "text"]]) {
    assert_equals(new PeriodicSyncEvent(type, { tag: given }).tag, tag);
  }
  assert_throws_js(TypeError, () => new PeriodicSyncEvent(type, { tag: Symbol("t") }));
}, "any text is a tag, and what is none is converted");

test(() => {
  const plain = new PeriodicSyncEvent("other", TAG);
  assert_equals(plain.type, "other");
  for (const name of ["bubbles", "cancelable", "composed", "isTrusted"]) assert_false(plain[name], name);
  const full = new PeriodicSyncEvent(type, { tag: "t", bubbles: true, cancelable: true, composed: true });
  for (const name of ["bubbles", "cancelable", "composed"]) assert_true(full[name], name);
  assert_true(full instanceof ExtendableEvent && full instanceof Event);
}, "what every event has comes from the init, too");

test(() => {
  const event = new PeriodicSyncEvent(type, TAG);
  assert_throws_dom("InvalidStateError", () => event.waitUntil(Promise.resolve()));
  let thrown;
  const extend = dispatched => {
    try { dispatched.waitUntil(Promise.resolve()); } catch (error) { thrown = error; }
  };
  addEventListener(type, extend);
  dispatchEvent(event);
  removeEventListener(type, extend);
  assert_equals(thrown?.name, "InvalidStateError", "nor while a script dispatches it");
}, "an event that a script has made cannot be extended");

test(() => {
  assert_false("lastChance" in new PeriodicSyncEvent(type, TAG));
  assert_false("lastChance" in new PeriodicSyncEvent(type, { tag: "t", lastChance: true }));
}, "it knows no last chance");
