// META: title=Tags are strings of code units
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

const TAGS = ["", "a", "A", "a\u0000", "a\u0000b", "\u00e9", "e\u0301", "\ud83d\ude00", "null", " a"];
let registration;
promise_setup(async () => {
  registration = await registered("tags");
  await offline();
});

promise_test(async () => {
  for (const tag of TAGS) await registration.sync.register(tag);
  assert_array_equals((await registration.sync.getTags()).sort(), [...TAGS].sort());
}, "tags are told apart by code unit; the empty one and NUL are tags");

promise_test(async () => {
  for (const tag of TAGS) await registration.sync.register(tag);
  assert_equals((await registration.sync.getTags()).length, TAGS.length);
}, "a tag that is there is not registered a second time");

promise_test(async () => {
  await online();
  for (const tag of TAGS) {
    const [event, ...more] = await eventually(1, tag);
    assert_equals(event.tag, tag);
    assert_array_equals(more, []);
  }
}, "each of them fires, under its own name");
