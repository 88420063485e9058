// META: title=SyncManager.register(): its argument
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

let registration;
promise_setup(async () => {
  registration = await registered("arguments");
});

promise_test(async t => {
  await promise_rejects_js(t, TypeError, registration.sync.register());
  assert_array_equals(await registration.sync.getTags(), []);
}, "without a tag register() rejects, and registers nothing");

promise_test(async t => {
  await promise_rejects_js(t, TypeError, registration.sync.register(Symbol("tag")));
  const thrown = new Error("no text");
  await promise_rejects_exactly(t, thrown, registration.sync.register({ toString() { throw thrown; } }));
  assert_array_equals(await registration.sync.getTags(), []);
}, "with what cannot become a string register() rejects, and registers nothing");

promise_test(async () => {
  await registration.sync.register({ toString: () => "converted" });
  const [event] = await eventually(1, "converted");
  assert_equals(event.tag, "converted");
}, "register() converts its argument");

promise_test(async () => {
  for (const [given, tag] of [[null, "null"], [undefined, "undefined"], [5, "5"], [["a", "b"], "a,b"]]) {
    await registration.sync.register(given);
    assert_equals((await eventually(1, tag))[0].tag, tag);
  }
}, "null, undefined, numbers and arrays become strings");

promise_test(async t => {
  await promise_rejects_js(t, TypeError, SyncManager.prototype.register.call({}, "tag"));
  await promise_rejects_js(t, TypeError, SyncManager.prototype.getTags.call({}));
}, "on another object the methods reject, and do not throw");

promise_test(async () => {
  assert_equals(registration.sync.register.length, 1);
  assert_equals(registration.sync.getTags.length, 0);
  await registration.sync.register("more", "than", "one");
  await eventually(1, "more");
}, "further arguments are ignored");
