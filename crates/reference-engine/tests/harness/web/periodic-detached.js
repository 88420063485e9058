// This page is a frame. It is taken out of its document while its parent still holds on to its objects.
let periodic;
promise_setup(async () => {
  const registration = await activated(await navigator.serviceWorker.register("/sw.js"));
  periodic = registration.periodicSync;
  await periodic.register("before");
  await moment("detached");
});

promise_test(async (t) => {
  await promise_rejects_dom(t, "InvalidStateError", periodic.register("after"));
  await promise_rejects_js(t, TypeError, periodic.register("after", { minInterval: NaN }));
}, "18: in a frame that was taken out register() rejects with InvalidStateError");

promise_test(async () => {
  assert_array_equals(await periodic.getTags(), []);
  assert_equals(await periodic.unregister("before"), undefined);
}, "18: getTags() gives an empty array, and unregister() has nothing to do");
