// META: title=Unregistering a service worker
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

promise_test(async () => {
  const registration = await registered("goes");
  await offline();
  await registration.sync.register("pending");
  await registration.unregister();
  await online();
  await sleep(3000);
  assert_array_equals(await events("pending"), []);
}, "what was pending does not fire");

promise_test(async () => {
  const registration = await registered("fails");
  const tag = "retried?fails=100";
  await registration.sync.register(tag);
  await eventually(1, tag);
  await registration.unregister();
  const before = (await events(tag)).length;
  await sleep(5000);
  assert_equals((await events(tag)).length, before);
}, "what failed is not tried again");
