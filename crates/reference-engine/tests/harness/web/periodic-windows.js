// The page only sets the worker up; it is not in the worker's scope.
promise_test(async () => {
  const registration = await activated(await navigator.serviceWorker.register("/sw.js", { scope: "/app/" }));
  await registration.periodicSync.register("there");
  await registration.sync.register("stay");
}, "51 (periodic.register.5): a tab that the worker does not control is a window, too");
