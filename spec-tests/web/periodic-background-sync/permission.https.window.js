// META: title=PeriodicSyncManager and the permission
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

const descriptor = { name: "periodic-background-sync" };
let registration, periodic;
promise_setup(async () => {
  registration = await registered("periodic-permission");
  periodic = registration.periodicSync;
});

promise_test(async t => {
  await test_driver.set_permission(descriptor, "denied");
  await promise_rejects_dom(t, "NotAllowedError", periodic.register("refused"));
}, "register() rejects with NotAllowedError while the permission is denied");

promise_test(async t => {
  await promise_rejects_js(t, TypeError, periodic.register("refused", { minInterval: -1 }));
}, "the arguments are converted before the permission is looked at");

promise_test(async t => {
  const slow = await navigator.serviceWorker.register("/background-sync/resources/slow.js", { scope: "/background-sync/resources/periodic-denied/" });
  t.add_cleanup(() => slow.unregister());
  await promise_rejects_dom(t, "InvalidStateError", slow.periodicSync.register("refused"));
}, "that there is no active worker is found first");

promise_test(async () => {
  await periodic.unregister("unknown");
  assert_array_equals(await periodic.getTags(), []);
}, "getTags() and unregister() ask for no permission");

promise_test(async () => {
  await test_driver.set_permission(descriptor, "granted");
  assert_equals((await navigator.permissions.query(descriptor)).state, "granted");
  await periodic.register("granted", { minInterval: 86_400_000 });
  assert_array_equals(await periodic.getTags(), ["granted"]);
}, "with permission register() works");
