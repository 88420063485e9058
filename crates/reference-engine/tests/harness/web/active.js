// Registrations whose worker is not active yet, or never, or no more. This one takes 20 s to install and 20 s to activate.
let slow;
promise_setup(async () => {
  slow = await navigator.serviceWorker.register("/slow.js", { scope: "/slow/" });
});

promise_test(async (t) => {
  assert_equals(slow.active, null);
  assert_equals(slow.installing.state, "installing");
  await promise_rejects_dom(t, "InvalidStateError", slow.sync.register("installing"));
}, "2 (sync.register.2): without an active worker register() rejects with InvalidStateError");

promise_test(async (t) => {
  await promise_rejects_js(t, TypeError, slow.sync.register());
}, "1: without an active worker, too, register() first converts its argument");

promise_test(async () => {
  assert_array_equals(await slow.sync.getTags(), []);
}, "19 (sync.getTags.4): without an active worker getTags() gives an empty array");

promise_test(async () => {
  while (slow.active === null) await sleep(1000);
  assert_equals(slow.active.state, "activating");
  await slow.sync.register("early");
  assert_array_equals(await slow.sync.getTags(), ["early"]);
  await sleep(10_000);
  assert_equals(slow.active.state, "activating");
  assert_array_equals(await events("early"), [], "the event waits for the worker");
  await activated(slow);
  await eventually(1, "early");
}, "2: a worker that is activating is an active one; its event comes when it is activated");

promise_test(async (t) => {
  const failing = await navigator.serviceWorker.register("/failing.js", { scope: "/failing/" });
  await sleep(1000);
  await promise_rejects_dom(t, "InvalidStateError", failing.sync.register("never"));
  assert_array_equals(await failing.sync.getTags(), []);
}, "2: a worker that could not be installed is none");

promise_test(async (t) => {
  const gone = await activated(await navigator.serviceWorker.register("/sw.js", { scope: "/gone/" }));
  await gone.sync.register("takes?takes=20");
  await gone.unregister();
  await promise_rejects_dom(t, "InvalidStateError", gone.sync.register("late"));
}, "2: after unregister() register() rejects with InvalidStateError");

promise_test(async () => {
  const gone = await activated(await navigator.serviceWorker.register("/sw.js", { scope: "/gone-too/" }));
  await gone.sync.register("takes?takes=20");
  await gone.unregister();
  assert_array_equals(await gone.sync.getTags(), []);
}, "19: after unregister() getTags() gives an empty array");
