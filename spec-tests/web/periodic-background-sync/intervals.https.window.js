// META: title=PeriodicSyncManager.register(): intervals
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

let registration, periodic;
promise_setup(async () => {
  registration = await registered("periodic-intervals");
  periodic = registration.periodicSync;
  await test_driver.set_permission({ name: "periodic-background-sync" }, "granted");
});

for (const minInterval of [undefined, null, 0, -0, -0.5, 1.9, "7", "", true, [3], 2 ** 53 - 1]) {
  promise_test(async () => {
    await periodic.register("taken", { minInterval });
    assert_array_equals(await periodic.getTags(), ["taken"]);
    await periodic.unregister("taken");
    assert_array_equals(await periodic.getTags(), []);
  }, `${format_value(minInterval)} is an interval`);
}
