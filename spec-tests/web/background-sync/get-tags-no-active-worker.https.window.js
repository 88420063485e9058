// META: title=SyncManager.getTags() without an active worker
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

promise_test(async t => {
  const registration = await navigator.serviceWorker.register("/background-sync/resources/slow.js", { scope: "/background-sync/resources/no-tags/" });
  t.add_cleanup(() => registration.unregister());
  assert_equals(registration.active, null);
  assert_array_equals(await registration.sync.getTags(), []);
}, "while its worker is installed getTags() gives an empty array");

promise_test(async () => {
  const registration = await registered("gone-too");
  await registration.sync.register("takes?takes=3000");
  await eventually(1, "takes?takes=3000");
  await registration.unregister();
  assert_array_equals(await registration.sync.getTags(), []);
}, "after unregister() getTags() gives an empty array");
