// What workers that are no service workers see of background sync, and whether they can use it.
importScripts("/testharness.js", "/help.js");

const kind = "DedicatedWorkerGlobalScope" in self ? "dedicated" : "shared";

test(() => {
  assert_equals(typeof SyncManager, "function");
  assert_true("sync" in ServiceWorkerRegistration.prototype);
  assert_throws_js(TypeError, () => new SyncManager());
}, `49: a ${kind} worker sees the manager, and cannot make one`);

test(() => {
  assert_equals(typeof PeriodicSyncManager, "function");
  assert_true("periodicSync" in ServiceWorkerRegistration.prototype);
  assert_throws_js(TypeError, () => new PeriodicSyncManager());
}, `49: a ${kind} worker sees the periodic manager, and cannot make one`);

test(() => {
  const hidden = ["SyncEvent", "PeriodicSyncEvent", "ExtendableEvent", "onsync", "onperiodicsync"];
  for (const name of hidden) assert_false(name in self, name);
}, `49: a ${kind} worker sees neither the event nor its handler`);

promise_test(async () => {
  const registration = await activated(await navigator.serviceWorker.register("/worker.js", { scope: `/${kind}/` }));
  await registration.sync.register(kind);
  await eventually(1, kind);
}, `49: a ${kind} worker of a tab can register`);

done();
