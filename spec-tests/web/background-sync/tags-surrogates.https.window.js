// META: title=A lone surrogate is a tag
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

promise_test(async () => {
  const registration = await registered("surrogates");
  await offline();
  for (const tag of ["\ud800", "\udc00", "\ufffd"]) await registration.sync.register(tag);
  assert_array_equals((await registration.sync.getTags()).sort(), ["\ud800", "\udc00", "\ufffd"]);
  await online();
}, "lone surrogates are kept, and are not U+FFFD");
