// META: title=Registering a tag that is there
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

let registration;
promise_setup(async () => {
  registration = await registered("reregister");
});

promise_test(async () => {
  const tag = "thrice?takes=1000";
  await registration.sync.register(tag);
  await eventually(1, tag);
  await registration.sync.register(tag);
  await registration.sync.register(tag);
  const [, second] = await eventually(2, tag);
  assert_array_equals(second.listed, [tag]);
  await sleep(4000);
  assert_equals((await events(tag)).length, 2);
  assert_array_equals(await registration.sync.getTags(), []);
}, "registered twice while it fires, a tag fires once more");

promise_test(async () => {
  const tag = "again?takes=1000&fails=1";
  await registration.sync.register(tag);
  await eventually(1, tag);
  await registration.sync.register(tag);
  const [, second] = await eventually(2, tag);
  assert_false(second.lastChance);
  await sleep(2500);
  assert_array_equals(await registration.sync.getTags(), []);
}, "and also when the event fails");

promise_test(async () => {
  await Promise.all([registration.sync.register("twice"), registration.sync.register("twice")]);
  await eventually(1, "twice");
  await registration.sync.register("after");
  await eventually(1, "after");
  await sleep(1000);
  const count = (await events("twice")).length;
  assert_true(count === 1 || count === 2, "once, or once more if the first was firing");
}, "two calls that do not wait for each other make no third event");
