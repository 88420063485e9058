// META: title=SyncManager.getTags()
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

let registration;
promise_setup(async () => {
  registration = await registered("get-tags");
});

promise_test(async () => {
  assert_array_equals(await registration.sync.getTags(), []);
}, "nothing is registered at first");

promise_test(async () => {
  const tag = "firing?takes=1500";
  await registration.sync.register(tag);
  const [event] = await eventually(1, tag);
  assert_array_equals(event.listed, [tag], "in its event");
  assert_array_equals(await registration.sync.getTags(), [tag], "for the page");
  await sleep(3000);
  assert_array_equals(await registration.sync.getTags(), []);
}, "what fires is listed, what is fulfilled is not");

promise_test(async () => {
  const tag = "waits?fails=1";
  await registration.sync.register(tag);
  await eventually(1, tag);
  await sleep(300);
  assert_array_equals(await registration.sync.getTags(), [tag]);
  await eventually(2, tag);
}, "what waits for its retry is listed");

promise_test(async () => {
  await offline();
  await registration.sync.register("kept");
  const tags = await registration.sync.getTags();
  tags.push("made up");
  assert_array_equals(await registration.sync.getTags(), ["kept"]);
  await online();
  await eventually(1, "kept");
}, "what is done to the array changes nothing");
