// Registers from a `sync` event, and looks at what comes first.
importScripts("/testharness.js", "/report.js");

const begun = Promise.withResolvers();
addEventListener("sync", (event) => {
  if (event.tag !== "begin") return;
  event.waitUntil(new Promise((leave) => add_completion_callback(() => leave())));
  begun.resolve();
});

promise_test(async () => {
  await begun.promise;
  const order = [];
  const fired = new Promise((resolve) => {
    addEventListener("sync", (event) => {
      if (event.tag !== "next") return;
      order.push("event");
      resolve();
    });
  });
  await registration.sync.register("next");
  order.push("resolved");
  await fired;
  assert_array_equals(order, ["resolved", "event"]);
}, "14 (sync.register.9.5, sync.register.9.6): the promise is resolved before the event is fired");
