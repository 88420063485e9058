// META: title=PeriodicSyncManager: calls that do not wait for each other
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

let registration, periodic;
promise_setup(async () => {
  registration = await registered("periodic-order");
  periodic = registration.periodicSync;
  await test_driver.set_permission({ name: "periodic-background-sync" }, "granted");
});
const DAY = { minInterval: 86_400_000 };

promise_test(async () => {
  let settled = false;
  const promise = periodic.register("asynchronous", DAY).finally(() => { settled = true; });
  await Promise.resolve();
  assert_false(settled);
  assert_equals(await promise, undefined);
  await periodic.unregister("asynchronous");
}, "the promise settles later than the call, with undefined");

promise_test(async () => {
  await Promise.all([periodic.register("one", DAY), periodic.register("two", DAY)]);
  const [before, , after] = await Promise.all([periodic.getTags(), periodic.unregister("one"), periodic.getTags()]);
  assert_array_equals(before.sort(), ["one", "two"]);
  assert_array_equals(after, ["two"]);
  const [, again] = await Promise.all([periodic.register("one", DAY), periodic.getTags()]);
  assert_array_equals(again.sort(), ["one", "two"]);
}, "they take effect in their order");

promise_test(async () => {
  await Promise.all(["one", "two"].map(tag => periodic.unregister(tag)));
  await Promise.allSettled([periodic.register("fleeting", DAY), periodic.unregister("fleeting")]);
  assert_array_equals(await periodic.getTags(), []);
}, "one that is unregistered before its promise has settled is not there");
