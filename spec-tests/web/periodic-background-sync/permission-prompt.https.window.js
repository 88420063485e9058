// META: title=PeriodicSyncManager and a permission that nobody has decided on
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

const descriptor = { name: "periodic-background-sync" };
let registration, periodic;
promise_setup(async () => {
  registration = await registered("periodic-prompt");
  periodic = registration.periodicSync;
});

promise_test(async t => {
  await test_driver.set_permission(descriptor, "prompt");
  await promise_rejects_dom(t, "NotAllowedError", periodic.register("refused"));
}, "register() rejects with NotAllowedError, and asks nobody");
