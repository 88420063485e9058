promise_test(async () => {
  await activated(await navigator.serviceWorker.register("/sw.js"));
}, "49: the worker has its say");

test(() => {
  assert_equals(typeof SyncManager, "function");
  assert_true("sync" in ServiceWorkerRegistration.prototype);
  assert_throws_js(TypeError, () => new SyncManager());
}, "49: a page sees the manager, and cannot make one");

test(() => {
  assert_equals(typeof PeriodicSyncManager, "function");
  assert_true("periodicSync" in ServiceWorkerRegistration.prototype);
  assert_throws_js(TypeError, () => new PeriodicSyncManager());
}, "49: a page sees the periodic manager, and cannot make one");

test(() => {
  const hidden = ["SyncEvent", "PeriodicSyncEvent", "ExtendableEvent", "onsync", "onperiodicsync"];
  for (const name of hidden) assert_false(name in self, name);
}, "49: a page sees neither the event nor its handler");

fetch_tests_from_worker(new Worker("/exposure.js"));
fetch_tests_from_worker(new SharedWorker("/exposure.js"));
