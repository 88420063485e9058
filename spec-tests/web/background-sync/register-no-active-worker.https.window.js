// META: title=SyncManager without an active worker
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

promise_test(async t => {
  const registration = await navigator.serviceWorker.register("/background-sync/resources/slow.js", { scope: "/background-sync/resources/never/" });
  t.add_cleanup(() => registration.unregister());
  assert_equals(registration.active, null);
  await promise_rejects_dom(t, "InvalidStateError", registration.sync.register("installing"));
}, "while its worker is installed register() rejects with InvalidStateError");

promise_test(async t => {
  const registration = await navigator.serviceWorker.register("/background-sync/resources/slow.js", { scope: "/background-sync/resources/never-either/" });
  t.add_cleanup(() => registration.unregister());
  await promise_rejects_js(t, TypeError, registration.sync.register());
}, "the argument is converted before the worker is looked for");

promise_test(async t => {
  const registration = await registered("gone");
  await registration.unregister();
  await promise_rejects_dom(t, "InvalidStateError", registration.sync.register("late"));
}, "after unregister() register() rejects with InvalidStateError");

promise_test(async t => {
  const registration = await navigator.serviceWorker.register("/background-sync/resources/not-installed.js", { scope: "/background-sync/resources/not/" });
  await sleep(500);
  await promise_rejects_dom(t, "InvalidStateError", registration.sync.register("never"));
}, "a worker that could not be installed is none");
