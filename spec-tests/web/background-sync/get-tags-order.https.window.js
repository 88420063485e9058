// META: title=SyncManager.getTags(): the order
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

promise_test(async () => {
  const registration = await registered("order");
  await offline();
  for (const tag of ["third", "first", "second", "third"]) await registration.sync.register(tag);
  assert_array_equals(await registration.sync.getTags(), ["third", "first", "second"]);
  await online();
}, "tags are listed in the order of their first registration");
