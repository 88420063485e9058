// META: title=Registering a tag that waits for its retry
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

promise_test(async () => {
  const registration = await registered("waiting");
  const tag = "waits?fails=1";
  await registration.sync.register(tag);
  const [first] = await eventually(1, tag);
  await sleep(300);
  await registration.sync.register(tag);
  const [, second] = await eventually(2, tag);
  assert_less_than(second.at - first.at, 1700, "before the retry would have come");
}, "it is pending again, and fires without waiting for the back-off");
