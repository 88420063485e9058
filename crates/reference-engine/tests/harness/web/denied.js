// The user denies the permission, grants it, and switches background sync off and on.
let registration, permission;
promise_setup(async () => {
  permission = await navigator.permissions.query({ name: "background-sync" });
  registration = await activated(await navigator.serviceWorker.register("/sw.js"));
  await moment("denied");
});

promise_test(async (t) => {
  assert_equals(permission.state, "denied");
  await promise_rejects_dom(t, "NotAllowedError", registration.sync.register("denied"));
}, "3 (sync.register.3): without permission register() rejects with NotAllowedError");

promise_test(async (t) => {
  const slow = await navigator.serviceWorker.register("/slow.js", { scope: "/slow/" });
  await promise_rejects_dom(t, "InvalidStateError", slow.sync.register("denied"));
}, "3 (sync.register.2): that there is no active worker is found first");

promise_test(async () => {
  assert_array_equals(await registration.sync.getTags(), []);
}, "22: getTags() works without permission");

promise_test(async () => {
  await moment("granted");
  assert_equals(permission.state, "granted");
  await registration.sync.register("granted");
  await eventually(1, "granted");
}, "4: with permission register() works");

promise_test(async (t) => {
  await moment("off");
  await promise_rejects_dom(t, "NotAllowedError", registration.sync.register("off"));
  assert_array_equals(await registration.sync.getTags(), []);
}, "3 (sync.register.3): switched off, register() rejects with NotAllowedError");

promise_test(async () => {
  await moment("on");
  await registration.sync.register("on");
  await eventually(1, "on");
}, "3: switched on again, register() works");
