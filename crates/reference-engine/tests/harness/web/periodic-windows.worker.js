// Registers from a `sync` event that goes on while windows are closed and opened.
importScripts("/testharness.js", "/report.js", "/help.js");

const periodic = registration.periodicSync;
const staying = Promise.withResolvers();
addEventListener("sync", (event) => {
  event.waitUntil(new Promise((leave) => add_completion_callback(() => leave())));
  staying.resolve();
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

promise_test(async (t) => {
  await windows();
  await promise_rejects_dom(t, "InvalidAccessError", periodic.register("closed"));
  await promise_rejects_dom(t, "InvalidAccessError", periodic.register("there", { minInterval: 5 }));
  assert_array_equals(await periodic.getTags(), ["there"]);
}, "51 (periodic.register.6): without a window register() rejects with InvalidAccessError, also for a tag that is there");

promise_test(async () => {
  await periodic.unregister("there");
  assert_array_equals(await periodic.getTags(), []);
}, "58: unregister() and getTags() work without a window");

promise_test(async (t) => {
  await windows("nested");
  await promise_rejects_dom(t, "InvalidAccessError", periodic.register("nested"));
}, "51 (periodic.register.5.1): a frame is not enough");

promise_test(async () => {
  await windows("auxiliary");
  await periodic.register("popup");
}, "51 (periodic.register.5.1): a popup is enough");

promise_test(async (t) => {
  await windows();
  await sleep(5_000);
  await promise_rejects_dom(t, "NotAllowedError", periodic.register("revoked"));
  assert_array_equals(await periodic.getTags(), []);
}, "50: that there is no permission is found before that there is no window");
