// META: title=Events come when there is a network
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

let registration;
promise_setup(async () => {
  registration = await registered("online");
});

promise_test(async () => {
  await offline();
  assert_false(navigator.onLine);
  await registration.sync.register("quiet");
  assert_array_equals(await registration.sync.getTags(), ["quiet"]);
  await sleep(2000);
  assert_array_equals(await events("quiet"), []);
}, "offline a call resolves and lists its tag, and nothing fires");

promise_test(async () => {
  await registration.sync.register("once");
  await registration.sync.register("once");
  await online();
  await eventually(1, "quiet");
  await eventually(1, "once");
  await sleep(2000);
  assert_equals((await events("once")).length, 1);
  assert_array_equals(await registration.sync.getTags(), []);
}, "back online each pending tag fires, once");

promise_test(async () => {
  const [event] = await events("once");
  assert_equals(event.type, "sync");
  assert_equals(event.tag, "once");
  assert_true(event.isTrusted);
  assert_false(event.bubbles);
  assert_false(event.cancelable);
  assert_false(event.lastChance);
  assert_true(event.at_global);
}, "the event is trusted, does not bubble, cannot be cancelled, and is not the last chance");
