// The site is installed as an app. A tab is open, and there is a network.
let registration, periodic;
promise_setup(async () => {
  registration = await activated(await navigator.serviceWorker.register("/sw.js"));
  periodic = registration.periodicSync;
});

/** A script's own error, thrown while its value is converted. */
const thrown = new Error("not this way");
const throwing = () => { throw thrown; };

promise_test(async (t) => {
  await promise_rejects_js(t, TypeError, periodic.register());
  await promise_rejects_js(t, TypeError, periodic.register(Symbol("tag")));
  await promise_rejects_exactly(t, thrown, periodic.register({ toString: throwing }));
  await promise_rejects_js(t, TypeError, periodic.unregister());
  await promise_rejects_js(t, TypeError, periodic.unregister(Symbol("tag")));
  await promise_rejects_exactly(t, thrown, periodic.unregister({ toString: throwing }));
  assert_array_equals(await periodic.getTags(), []);
}, "1: register() and unregister() without a tag, or with what cannot become one, reject and do nothing");

promise_test(async (t) => {
  const refused = [-1, -1000, NaN, Infinity, -Infinity, 2 ** 53, 2 ** 64, 1n, 0n, "soon", {}, Symbol("1"), [1, 2], () => 1];
  for (const minInterval of refused) {
    const message = format_value(minInterval);
    await promise_rejects_js(t, TypeError, periodic.register("refused", { minInterval }), message);
  }
  assert_array_equals(await periodic.getTags(), []);
}, "52: an interval that is no number of milliseconds below 2^53 rejects with TypeError");

promise_test(async () => {
  const taken = [undefined, null, 0, -0, -0.5, 1.9, "7", "", true, new Date(5), [3], { valueOf: () => 9 }, 2 ** 53 - 1];
  for (const minInterval of taken) {
    await periodic.register("taken", { minInterval });
    assert_array_equals(await periodic.getTags(), ["taken"], format_value(minInterval));
    await periodic.unregister("taken");
  }
}, "52: what can become such a number is converted");

promise_test(async (t) => {
  for (const none of [undefined, null, {}, [], () => {}, Object.create(null), { other: 5 }]) {
    await periodic.register("options", none);
    await periodic.unregister("options");
  }
  for (const wrong of [5, "x", true, 1n, Symbol("o")]) {
    await promise_rejects_js(t, TypeError, periodic.register("options", wrong), format_value(wrong));
  }
  assert_array_equals(await periodic.getTags(), []);
}, "53: options are an object, or nothing");

promise_test(async (t) => {
  const read = [];
  const tag = { toString() { read.push("tag"); return "order"; } };
  const minInterval = { valueOf() { read.push("number"); return 5; } };
  await periodic.register(tag, { get minInterval() { read.push("minInterval"); return minInterval; } });
  assert_array_equals(read, ["tag", "minInterval", "number"]);
  await periodic.unregister("order");
  const untouched = { get minInterval() { read.push("too much"); return 0; } };
  await promise_rejects_js(t, TypeError, periodic.register(Symbol("tag"), untouched));
  await promise_rejects_exactly(t, thrown, periodic.register("order", { get minInterval() { return throwing(); } }));
  await promise_rejects_exactly(t, thrown, periodic.register("order", { minInterval: { valueOf: throwing } }));
  assert_false(read.includes("too much"), "the tag is converted first");
  assert_array_equals(await periodic.getTags(), []);
}, "53: the tag is converted, then the options; what they throw is what the promise rejects with");

promise_test(async () => {
  let settled = false;
  const promise = periodic.register("asynchronous").finally(() => { settled = true; });
  await Promise.resolve();
  assert_false(settled);
  assert_equals(await promise, undefined);
  await sleep(600_000);
  assert_array_equals(await events("asynchronous"), [], "no event comes at once");
  assert_array_equals(await periodic.getTags(), ["asynchronous"]);
  assert_equals(await periodic.unregister("asynchronous"), undefined);
}, "54 (periodic.register.8.8): a new registration is there, and does not fire at once");

promise_test(async () => {
  await Promise.all([periodic.register("one"), periodic.register("two")]);
  const [before, , after] = await Promise.all([periodic.getTags(), periodic.unregister("one"), periodic.getTags()]);
  const [, again] = await Promise.all([periodic.register("one"), periodic.getTags()]);
  assert_array_equals(before, ["one", "two"]);
  assert_array_equals(after, ["two"]);
  assert_array_equals(again, ["two", "one"]);
  await periodic.register("two", { minInterval: 5 });
  assert_array_equals(await periodic.getTags(), ["two", "one"], "one that is there keeps its place");
  await Promise.all(["one", "two"].map((tag) => periodic.unregister(tag)));
}, "56 (periodic.queue): calls that do not wait for each other take effect in their order");

promise_test(async () => {
  const [registered, there, unregistered, gone] = await Promise.all(
    [periodic.register("fleeting"), periodic.getTags(), periodic.unregister("fleeting"), periodic.getTags()],
  );
  assert_equals(registered, undefined);
  assert_array_equals(there, ["fleeting"]);
  assert_equals(unregistered, undefined);
  assert_array_equals(gone, []);
  await periodic.register("anew");
  const [, between] = await Promise.all([periodic.unregister("anew"), periodic.getTags(), periodic.register("anew")]);
  assert_array_equals(between, []);
  assert_array_equals(await periodic.getTags(), ["anew"]);
  await periodic.unregister("anew");
}, "56 (periodic.queue): one that is unregistered before its promise has settled was registered, and is not there any more");

promise_test(async () => {
  const tags = ["", "tag", "TAG", "a\u0308", "\u00e4", "\ud800", "\udc00", "\0"];
  for (const tag of tags) await periodic.register(tag);
  const listed = await periodic.getTags();
  assert_array_equals(listed, tags);
  assert_not_equals(await periodic.getTags(), listed, "each call gives an array of its own");
  for (const tag of tags) await periodic.unregister(tag);
  assert_array_equals(await periodic.getTags(), []);
}, "57 (periodic.getTags.4): getTags() gives every tag, the first registered one first");

promise_test(async () => {
  await periodic.unregister("never registered");
  for (const tag of ["stays", "goes"]) await periodic.register(tag);
  await periodic.unregister("goes");
  await periodic.unregister("goes");
  assert_array_equals(await periodic.getTags(), ["stays"]);
  await periodic.unregister("stays");
}, "58 (periodic.unregister.1.2, periodic.unregister.1.3): unregister() removes the one tag, and is fulfilled if it is not there");

promise_test(async () => {
  assert_equals(registration.periodicSync, registration.periodicSync);
  assert_not_equals(registration.periodicSync, registration.sync);
  const again = await navigator.serviceWorker.register("/sw.js");
  assert_equals(again.periodicSync, periodic);
}, "17 (periodic.attr): a registration has one periodic manager");

promise_test(async () => {
  const elsewhere = await activated(await navigator.serviceWorker.register("/sw.js", { scope: "/elsewhere/" }));
  await elsewhere.periodicSync.register("remote");
  assert_array_equals(await elsewhere.periodicSync.getTags(), ["remote"]);
  assert_array_equals(await periodic.getTags(), []);
}, "16: two registrations of an origin do not share their tags");

promise_test(async () => {
  await periodic.register("both?takes=30");
  await registration.sync.register("both?takes=30");
  await eventually(1, "both?takes=30");
  await periodic.unregister("both?takes=30");
  assert_array_equals(await registration.sync.getTags(), ["both?takes=30"]);
  assert_array_equals((await events("both?takes=30")).map((event) => event.type), ["sync"]);
}, "16: a tag of one kind has nothing to do with the same tag of the other");
