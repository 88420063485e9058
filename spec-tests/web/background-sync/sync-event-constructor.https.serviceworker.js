// META: title=SyncEvent: its constructor
// META: timeout=long

const TAG = { tag: "t" };
const type = "sync";

test(() => {
  for (const args of [[], [type], [type, undefined], [type, null], [type, {}], [type, "t"], [type, 5], [type, { tag: undefined }]]) {
    assert_throws_js(TypeError, () => new SyncEvent(...args), format_value(args));
  }
  assert_throws_js(TypeError, () => SyncEvent(type, TAG), "without new");
}, "the type and a tag are required");

test(() => {
  for (const [given, tag] of [[null, "null"], ["", ""], [5, "5"], ["\ud800", "\ud800"], [{ toString: () => "text" }, "text"]]) {
    assert_equals(new SyncEvent(type, { tag: given }).tag, tag);
  }
  assert_throws_js(TypeError, () => new SyncEvent(type, { tag: Symbol("t") }));
}, "any text is a tag, and what is none is converted");

test(() => {
  const plain = new SyncEvent("other", TAG);
  assert_equals(plain.type, "other");
  for (const name of ["bubbles", "cancelable", "composed", "isTrusted"]) assert_false(plain[name], name);
  const full = new SyncEvent(type, { tag: "t", bubbles: true, cancelable: true, composed: true });
  for (const name of ["bubbles", "cancelable", "composed"]) assert_true(full[name], name);
  assert_true(full instanceof ExtendableEvent && full instanceof Event);
}, "what every event has comes from the init, too");

test(() => {
  const event = new SyncEvent(type, TAG);
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
  for (const [given, lastChance] of [[undefined, false], [true, true], [0, false], ["false", true], [null, false], [{}, true]]) {
    assert_equals(new SyncEvent(type, { tag: "t", lastChance: given }).lastChance, lastChance, format_value(given));
  }
  assert_false(new SyncEvent(type, TAG).lastChance);
}, "lastChance is false unless something true is given");

test(() => {
  const asked = [];
  const init = {};
  for (const name of ["tag", "lastChance", "composed", "bubbles", "cancelable"]) {
    Object.defineProperty(init, name, { get() { asked.push(name); return "x"; } });
  }
  new SyncEvent(type, init);
  assert_array_equals(asked, ["bubbles", "cancelable", "composed", "lastChance", "tag"]);
}, "members are read in order, inherited ones first");
