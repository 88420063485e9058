// The user grants the permission and takes it back. At first nobody has said anything.
let registration, periodic, permission, slow;
const heard = [];
promise_setup(async () => {
  permission = await navigator.permissions.query({ name: "periodic-background-sync" });
  permission.onchange = () => heard.push(permission.state);
  registration = await activated(await navigator.serviceWorker.register("/sw.js"));
  periodic = registration.periodicSync;
  slow = await navigator.serviceWorker.register("/slow.js", { scope: "/slow/" });
});

promise_test(async (t) => {
  assert_equals(permission.state, "prompt");
  assert_equals(permission.name, "periodic-background-sync");
  await promise_rejects_dom(t, "NotAllowedError", periodic.register("prompted"));
  assert_array_equals(await periodic.getTags(), []);
}, "50 (periodic.register.3, periodic.permission): an undecided permission is not enough");

promise_test(async (t) => {
  assert_equals(slow.active, null);
  await promise_rejects_dom(t, "InvalidStateError", slow.periodicSync.register("early"));
}, "2 (periodic.register.2): that there is no active worker is found before that there is no permission");

promise_test(async (t) => {
  await promise_rejects_js(t, TypeError, slow.periodicSync.register("early", { minInterval: -1 }));
  await promise_rejects_js(t, TypeError, periodic.register("prompted", 5));
}, "53: without worker or permission, too, the arguments are converted first");

promise_test(async () => {
  assert_array_equals(await slow.periodicSync.getTags(), []);
  assert_equals(await slow.periodicSync.unregister("early"), undefined);
}, "57: getTags() and unregister() ask for no active worker");

promise_test(async () => {
  await moment("granted");
  assert_equals(permission.state, "granted");
  await periodic.register("first");
  await periodic.register("second");
  await registration.sync.register("one-shot?takes=10000");
  await eventually(1, "one-shot?takes=10000");
  assert_equals((await navigator.permissions.query({ name: "background-sync" })).state, "prompt", "another permission");
}, "50: with permission register() works");

promise_test(async (t) => {
  await moment("denied");
  assert_equals(permission.state, "denied");
  assert_array_equals(await periodic.getTags(), []);
  await promise_rejects_dom(t, "NotAllowedError", periodic.register("denied"));
  assert_array_equals(await registration.sync.getTags(), ["one-shot?takes=10000"]);
}, "71 (periodic.revoke.1, periodic.revoke.1.1): a permission that is taken back takes all periodic registrations with it, and no other");

promise_test(async () => {
  assert_equals(await periodic.unregister("first"), undefined);
}, "58: unregister() works without permission");

promise_test(async () => {
  await moment("granted again");
  assert_array_equals(await periodic.getTags(), []);
  await periodic.register("third");
  assert_array_equals(await periodic.getTags(), ["third"]);
}, "74: granting it again restores nothing, and register() works");

promise_test(async (t) => {
  await moment("off");
  assert_array_equals(await periodic.getTags(), []);
  await promise_rejects_dom(t, "NotAllowedError", periodic.register("off"));
  await registration.sync.register("on");
  await eventually(1, "on");
}, "74: switched off, register() rejects; the switch of one-shot syncs is another");

promise_test(async () => {
  assert_array_equals(heard, ["granted", "denied", "granted"]);
}, "72: the permission's object has heard of every change");

promise_test(async (t) => {
  const gone = await activated(await navigator.serviceWorker.register("/sw.js", { scope: "/gone/" }));
  await moment("on again");
  await gone.periodicSync.register("gone");
  await gone.unregister();
  await promise_rejects_dom(t, "InvalidStateError", gone.periodicSync.register("gone"));
  assert_array_equals(await gone.periodicSync.getTags(), []);
  assert_equals(await gone.periodicSync.unregister("gone"), undefined);
}, "2: after unregister() of the worker register() rejects, getTags() is empty, and unregister() is fulfilled");
