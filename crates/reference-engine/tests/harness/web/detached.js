// This page is a frame. It is taken out of its document while its parent still holds on to its objects.
let registration;
promise_setup(async () => {
  registration = await activated(await navigator.serviceWorker.register("/sw.js"));
  await registration.sync.register("before?takes=30");
  await eventually(1, "before?takes=30");
  await moment("detached");
});

promise_test(async (t) => {
  await promise_rejects_dom(t, "InvalidStateError", registration.sync.register("after"));
}, "18: in a frame that was taken out register() rejects with InvalidStateError");

promise_test(async () => {
  assert_array_equals(await registration.sync.getTags(), []);
}, "18: and getTags() gives an empty array, whatever is registered");

promise_test(async () => {
  assert_true(registration.sync instanceof SyncManager);
  assert_equals(registration.sync, registration.sync);
}, "18: the manager is still there");
