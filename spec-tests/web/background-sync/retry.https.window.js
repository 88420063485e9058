// META: title=Events that fail
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

let registration;
promise_setup(async () => {
  registration = await registered("retry");
});

promise_test(async () => {
  const tag = "retries?fails=1";
  await registration.sync.register(tag);
  const [first, second] = await eventually(2, tag);
  assert_greater_than(second.at - first.at, 500, "not at once");
  await sleep(500);
  assert_array_equals(await registration.sync.getTags(), []);
}, "an event that fails comes again, later");

promise_test(async () => {
  const tag = "hopeless?fails=100";
  await registration.sync.register(tag);
  let found;
  do {
    await sleep(500);
    found = await events(tag);
  } while (!found.at(-1)?.lastChance);
  assert_greater_than(found.length, 1);
  assert_true(found.slice(0, -1).every(event => !event.lastChance), "only the last one is the last chance");
  await sleep(1000);
  assert_array_equals(await registration.sync.getTags(), []);
  await registration.sync.register(tag);
  const again = await eventually(found.length + 1, tag);
  assert_false(again.at(-1).lastChance, "and a new series begins");
}, "after the last chance a tag is gone, and can be registered afresh");
