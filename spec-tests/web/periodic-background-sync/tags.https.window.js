// META: title=PeriodicSyncManager: getTags() and unregister()
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

let registration, periodic;
promise_setup(async () => {
  registration = await registered("periodic-tags");
  periodic = registration.periodicSync;
  await test_driver.set_permission({ name: "periodic-background-sync" }, "granted");
});
const DAY = { minInterval: 86_400_000 };

promise_test(async () => {
  assert_true(periodic instanceof PeriodicSyncManager);
  assert_equals(registration.periodicSync, periodic);
}, "a registration has one periodic manager");

promise_test(async () => {
  const tags = ["", "tag", "TAG", "a\u0308", "\u00e4", "\0"];
  for (const tag of tags) assert_equals(await periodic.register(tag, DAY), undefined);
  assert_array_equals((await periodic.getTags()).sort(), [...tags].sort());
  for (const tag of tags) assert_equals(await periodic.unregister(tag), undefined);
  assert_array_equals(await periodic.getTags(), []);
}, "tags are told apart by code unit");

promise_test(async () => {
  await periodic.unregister("never registered");
  for (const tag of ["stays", "goes"]) await periodic.register(tag, DAY);
  await periodic.unregister("goes");
  await periodic.unregister("goes");
  assert_array_equals(await periodic.getTags(), ["stays"]);
  await periodic.unregister("stays");
}, "unregister() removes the one tag, and is fulfilled if it is not there");

promise_test(async () => {
  await periodic.register("again", DAY);
  await periodic.register("again", { minInterval: 5 * 86_400_000 });
  assert_array_equals(await periodic.getTags(), ["again"]);
  await periodic.unregister("again");
}, "registered again with another interval, a tag stays one");

promise_test(async () => {
  const elsewhere = await registered("periodic-elsewhere");
  await elsewhere.periodicSync.register("remote", DAY);
  assert_array_equals(await elsewhere.periodicSync.getTags(), ["remote"]);
  assert_array_equals(await periodic.getTags(), []);
}, "two registrations of an origin do not share their tags");

promise_test(async () => {
  await periodic.register("both?takes=1500", DAY);
  await registration.sync.register("both?takes=1500");
  await eventually(1, "both?takes=1500");
  await periodic.unregister("both?takes=1500");
  assert_array_equals(await registration.sync.getTags(), ["both?takes=1500"]);
  assert_array_equals((await events("both?takes=1500")).map(event => event.type), ["sync"]);
}, "a tag of one kind has nothing to do with the same tag of the other");
