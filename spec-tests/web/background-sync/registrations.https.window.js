// META: title=Several registrations of an origin
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

promise_test(async () => {
  const registration = await registered("one-manager");
  assert_true(registration.sync instanceof SyncManager);
  assert_equals(registration.sync, registration.sync);
}, "a registration has one manager");

promise_test(async () => {
  const registration = await registered("elsewhere");
  assert_false(location.href.startsWith(registration.scope), "this document is not in that scope");
  await registration.sync.register("remote");
  const [event] = await eventually(1, "remote");
  assert_equals(event.scope, registration.scope);
  assert_array_equals(event.listed, ["remote"]);
}, "a document of another scope registers for the manager's registration");

promise_test(async () => {
  const [one, two] = await Promise.all(["one", "two"].map(registered));
  await Promise.all([one.sync.register("same?takes=1500"), two.sync.register("same?takes=1500")]);
  const fired = await eventually(2, "same?takes=1500");
  assert_array_equals(fired.map(event => event.scope).sort(), [one.scope, two.scope]);
  await two.unregister();
  assert_array_equals(await one.sync.getTags(), ["same?takes=1500"]);
}, "two registrations have the same tag, and do not share it");
