// META: title=SyncManager.register(): when its promise settles
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

let registration;
promise_setup(async () => {
  registration = await registered("promise");
});

promise_test(async () => {
  let settled = false;
  const promise = registration.sync.register("asynchronous").finally(() => { settled = true; });
  assert_true(promise instanceof Promise);
  assert_false(settled);
  await Promise.resolve();
  assert_false(settled, "not in the next microtask either");
  assert_equals(await promise, undefined);
}, "the promise settles later than the call, with undefined");

promise_test(async t => {
  let rejected = false;
  const promise = registration.sync.register().catch(() => { rejected = true; });
  assert_false(rejected, "no synchronous throw");
  await promise;
  assert_true(rejected);
}, "a conversion that fails rejects the promise");

promise_test(async () => {
  const results = await Promise.all(["x", "y", "x"].map(name => registration.sync.register(`${name}-together`)));
  assert_array_equals(results, [undefined, undefined, undefined]);
  await eventually(1, "x-together");
  await eventually(1, "y-together");
}, "calls that do not wait for each other are all fulfilled");

promise_test(async () => {
  const one = registration.sync.getTags();
  const other = registration.sync.getTags();
  assert_not_equals(one, other);
  assert_not_equals(await one, await other);
}, "each getTags() has a promise and an array of its own");
