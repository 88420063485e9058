// META: title=SyncManager of a frame that was taken out
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

promise_test(async () => {
  await registered("frame");
  const frame = document.createElement("iframe");
  frame.src = "/background-sync/resources/empty.html";
  const loaded = new Promise(resolve => { frame.onload = resolve; });
  document.body.append(frame);
  await loaded;
  const registration = await frame.contentWindow.navigator.serviceWorker.getRegistration("/background-sync/resources/frame/");
  const { sync } = registration;
  await sync.register("inside");
  await eventually(1, "inside");
  frame.remove();
  // What the methods do now is nowhere said, but that nothing crashes.
  sync.register("outside").catch(() => {});
  sync.getTags().catch(() => {});
  await sleep(500);
  assert_true(sync instanceof Object);
}, "a frame registers, and its manager survives it");
