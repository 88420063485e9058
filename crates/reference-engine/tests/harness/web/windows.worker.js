// Registers from a `sync` event that goes on while windows are closed and opened.
importScripts("/testharness.js", "/report.js", "/help.js");

let waited = 0;
const staying = Promise.withResolvers();
addEventListener("sync", (event) => {
  if (event.tag === "waits") {
    waited += 1;
    event.waitUntil(Promise.reject(new Error("later")));
  } else if (event.tag === "stay") {
    event.waitUntil(new Promise((leave) => add_completion_callback(() => leave())));
    staying.resolve();
  }
});

/** Resolves when the origin's windows are of these kinds. */
async function windows(...kinds) {
  await staying.promise;
  for (;;) {
    const found = await clients.matchAll({ includeUncontrolled: true });
    if (found.map((client) => client.frameType).join() === kinds.join()) return;
    await sleep(500);
  }
}

promise_test(async () => {
  await windows("top-level");
  await registration.sync.register("with-tab");
}, "5 (sync.register.5.1): a tab is enough");

promise_test(async (t) => {
  await windows();
  await promise_rejects_dom(t, "InvalidAccessError", registration.sync.register("closed"));
}, "6 (sync.register.6): after the last window is closed register() rejects with InvalidAccessError");

promise_test(async () => {
  assert_array_equals(await registration.sync.getTags(), ["waits", "stay"]);
}, "22 (sync.getTags.4): getTags() works without a window");

promise_test(async (t) => {
  await promise_rejects_dom(t, "InvalidAccessError", registration.sync.register("waits"));
  await sleep(5_000);
  assert_equals(waited, 1, "it still waits for its next attempt");
  assert_array_equals(await registration.sync.getTags(), ["waits", "stay"]);
}, "7 (sync.register.6): a tag that is there is refused all the same, and left as it was");

promise_test(async (t) => {
  await windows("nested");
  await promise_rejects_dom(t, "InvalidAccessError", registration.sync.register("nested"));
}, "6 (sync.register.5.1): a frame is not enough");

promise_test(async (t) => {
  const types = (await clients.matchAll({ includeUncontrolled: true, type: "all" })).map((client) => client.type);
  assert_array_equals(types.sort(), ["sharedworker", "window", "worker"]);
  await promise_rejects_dom(t, "InvalidAccessError", registration.sync.register("workers"));
}, "6 (sync.register.5.1): workers are not enough");

promise_test(async () => {
  await windows("auxiliary");
  await registration.sync.register("popup");
}, "6 (sync.register.5.1): a popup is enough");

promise_test(async (t) => {
  await windows();
  await sleep(5_000);
  await promise_rejects_dom(t, "InvalidAccessError", registration.sync.register("other origin"));
}, "5 (sync.register.5): a window of another origin is not enough");

promise_test(async () => {
  await windows("top-level");
  await registration.sync.register("again");
}, "6: with a window opened again register() works");

promise_test(async (t) => {
  await windows();
  await sleep(5_000);
  await promise_rejects_dom(t, "NotAllowedError", registration.sync.register("denied"));
}, "3 (sync.register.3): that there is no permission is found before that there is no window");
