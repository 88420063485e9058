// The page only sets the worker up; it is not in the worker's scope.
promise_test(async () => {
  const registration = await activated(await navigator.serviceWorker.register("/sw.js", { scope: "/app/" }));
  await registration.sync.register("waits");
  await registration.sync.register("stay");
  assert_array_equals(await registration.sync.getTags(), ["waits", "stay"]);
}, "5 (sync.register.5): a tab that the worker does not control is a window, too");
