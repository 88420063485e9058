// META: title=PeriodicSyncManager without an active worker
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

let registration;
promise_setup(async () => {
  await test_driver.set_permission({ name: "periodic-background-sync" }, "granted");
  registration = await navigator.serviceWorker.register("/background-sync/resources/slow.js", { scope: "/background-sync/resources/periodic-never/" });
  assert_equals(registration.active, null);
});

promise_test(async t => {
  await promise_rejects_dom(t, "InvalidStateError", registration.periodicSync.register("installing"));
}, "register() rejects with InvalidStateError");

promise_test(async () => {
  assert_equals(await registration.periodicSync.unregister("unknown"), undefined);
}, "unregister() is fulfilled");

promise_test(async () => {
  assert_array_equals(await registration.periodicSync.getTags(), []);
}, "getTags() gives an empty array");
