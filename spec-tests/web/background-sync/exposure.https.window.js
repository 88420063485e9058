// META: title=Who sees background sync
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

test(() => {
  assert_equals(typeof SyncManager, "function");
  assert_true("sync" in ServiceWorkerRegistration.prototype);
  assert_throws_js(TypeError, () => new SyncManager());
}, "a window sees the manager, and cannot make one");

test(() => {
  for (const name of ["SyncEvent", "ExtendableEvent", "onsync"]) assert_false(name in self, name);
}, "a window sees neither the event nor its handler");

promise_test(async () => {
  const worker = new Worker("/background-sync/resources/exposure.js");
  const seen = await new Promise(resolve => { worker.onmessage = ({ data }) => resolve(data); });
  assert_array_equals(seen, ["function", true, false, false]);
}, "a dedicated worker sees the manager, and no event");

promise_test(async () => {
  const worker = new SharedWorker("/background-sync/resources/exposure.js");
  const seen = await new Promise(resolve => { worker.port.onmessage = ({ data }) => resolve(data); });
  assert_array_equals(seen, ["function", true, false, false]);
}, "nor does a shared worker");
