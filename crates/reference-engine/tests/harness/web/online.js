// A tab is open, there is a network, and nobody has said anything about the permission.
let registration;
promise_setup(async () => {
  registration = await activated(await navigator.serviceWorker.register("/sw.js"));
});

promise_test(async (t) => {
  const { sync } = registration;
  await promise_rejects_js(t, TypeError, sync.register());
  assert_array_equals(await sync.getTags(), []);
}, "1: register() without a tag rejects, and registers nothing");

promise_test(async (t) => {
  const { sync } = registration;
  await promise_rejects_js(t, TypeError, sync.register(Symbol("tag")));
  const thrown = new Error("no text");
  await promise_rejects_exactly(t, thrown, sync.register({ toString() { throw thrown; } }));
  assert_array_equals(await sync.getTags(), []);
}, "1: register(tag) with what cannot become a string rejects, and registers nothing");

promise_test(async () => {
  await registration.sync.register({ toString: () => "converted" });
  assert_equals((await eventually(1, "converted"))[0].tag, "converted");
}, "1: register(tag) converts its argument");

promise_test(async () => {
  assert_equals((await navigator.permissions.query({ name: "background-sync" })).state, "prompt");
  await registration.sync.register("prompted");
  await eventually(1, "prompted");
}, "4 (sync.permission): an undecided permission is enough");

promise_test(async () => {
  let settled = false;
  const promise = registration.sync.register("asynchronous").finally(() => { settled = true; });
  assert_false(settled);
  await Promise.resolve();
  assert_false(settled, "not in the next microtask either");
  await promise;
}, "8: the promise settles later than the call");

promise_test(async () => {
  const results = await Promise.all(["x", "y", "x"].map((name) => registration.sync.register(`${name}-together`)));
  assert_array_equals(results, [undefined, undefined, undefined]);
  await eventually(1, "x-together");
  await eventually(1, "y-together");
}, "8: calls that do not wait for each other are all fulfilled, with undefined");

promise_test(async () => {
  await Promise.all([registration.sync.register("twice"), registration.sync.register("twice")]);
  await eventually(1, "twice");
  await sleep(60_000);
  assert_equals((await events("twice")).length, 1);
}, "13 (sync.register.8.4, sync.fire.1): a pending tag that is registered again fires once");

promise_test(async () => {
  assert_equals(registration.sync, registration.sync);
  const again = await navigator.serviceWorker.register("/sw.js");
  assert_equals(again.sync, registration.sync);
}, "17 (sync.attr): a registration has one manager");

promise_test(async () => {
  const elsewhere = await activated(await navigator.serviceWorker.register("/sw.js", { scope: "/elsewhere/" }));
  assert_false(location.href.startsWith(elsewhere.scope), "this document is not in that scope");
  await elsewhere.sync.register("remote");
  const [event] = await eventually(1, "remote");
  assert_equals(event.scope, elsewhere.scope);
  assert_array_equals(event.listed, ["remote"]);
}, "17 (sync.register.1, sync.attr): a document of another scope registers for the manager's registration");

promise_test(async () => {
  const [one, two] = await Promise.all(["/one/", "/two/"].map((scope) => (
    navigator.serviceWorker.register("/sw.js", { scope }).then(activated)
  )));
  await Promise.all([one.sync.register("same?takes=10"), two.sync.register("same?takes=10")]);
  const fired = await eventually(2, "same?takes=10");
  assert_array_equals(fired.map((event) => event.scope).sort(), [one.scope, two.scope]);
  await two.unregister();
  assert_array_equals(await one.sync.getTags(), ["same?takes=10"]);
}, "16 (sync.def.list): two registrations of an origin have the same tag, and do not share it");
