// META: title=SyncManager and the permission
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

let registration;
promise_setup(async () => {
  registration = await registered("permission");
});

promise_test(async t => {
  await test_driver.set_permission({ name: "background-sync" }, "denied");
  assert_equals((await navigator.permissions.query({ name: "background-sync" })).state, "denied");
  await promise_rejects_dom(t, "NotAllowedError", registration.sync.register("denied"));
}, "without permission register() rejects with NotAllowedError");

promise_test(async () => {
  assert_array_equals(await registration.sync.getTags(), []);
}, "getTags() works without permission");

promise_test(async t => {
  const slow = await navigator.serviceWorker.register("/background-sync/resources/slow.js", { scope: "/background-sync/resources/denied/" });
  t.add_cleanup(() => slow.unregister());
  await promise_rejects_dom(t, "InvalidStateError", slow.sync.register("denied"));
}, "that there is no active worker is found first");

promise_test(async t => {
  await promise_rejects_js(t, TypeError, registration.sync.register());
}, "and that there is no tag before that");

promise_test(async () => {
  await test_driver.set_permission({ name: "background-sync" }, "granted");
  await registration.sync.register("granted");
  await eventually(1, "granted");
}, "with permission register() works");
