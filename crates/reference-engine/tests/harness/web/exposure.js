// What workers that are no service workers see of background sync, and whether they can use it.
importScripts("/testharness.js", "/help.js");

const kind = "DedicatedWorkerGlobalScope" in self ? "dedicated" : "shared";

test(() => {
  assert_equals(typeof SyncManager, "function");
  assert_true("sync" in ServiceWorkerRegistration.prototype);
  assert_throws_js(TypeError, () => new SyncManager());
}, `49: a ${kind} worker sees the manager, and cannot make one`);

test(() => {
  for (const name of ["SyncEvent", "ExtendableEvent", "onsync"]) assert_false(name in self, name);
}, `49: a ${kind} worker sees neither the event nor its handler`);

promise_test(async () => {
  const registration = await activated(await navigator.serviceWorker.register("/worker.js", { scope: `/${kind}/` }));
  await registration.sync.register(kind);
  await eventually(1, kind);
}, `49: a ${kind} worker of a tab can register`);

done();
