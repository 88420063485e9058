// The network goes, and comes back a minute later.
const TAGS = ["", "a", "A", "a\u0000", "a\u0000b", "\u00e9", "e\u0301", "\ud800", "\udc00", "\ud83d\ude00", "null", "undefined", " a"];
let registration;
promise_setup(async () => {
  registration = await activated(await navigator.serviceWorker.register("/sw.js"));
  if (navigator.onLine) await new Promise((resolve) => addEventListener("offline", resolve, { once: true }));
});

promise_test(async () => {
  await registration.sync.register("quiet");
  assert_array_equals(await registration.sync.getTags(), ["quiet"]);
  await sleep(10_000);
  assert_array_equals(await events("quiet"), []);
}, "15 (sync.register.9.4, sync.register.9.5): offline a call resolves and lists its tag, and nothing fires");

promise_test(async () => {
  for (const tag of TAGS) await registration.sync.register(tag);
  assert_array_equals(await registration.sync.getTags(), ["quiet", ...TAGS]);
}, "9 (sync.register.7): tags are told apart by code unit; empty ones, NUL and lone surrogates are tags");

promise_test(async (t) => {
  await registration.sync.register("x".repeat(10_240));
  await promise_rejects_quotaexceedederror(t, registration.sync.register("x".repeat(10_241)), null, null);
  assert_equals((await registration.sync.getTags()).at(-1).length, 10_240);
}, "9: a tag has at most 10,240 code units here");

promise_test(async () => {
  for (const tag of ["third", "first", "second", "third"]) await registration.sync.register(tag);
  assert_array_equals((await registration.sync.getTags()).slice(-3), ["third", "first", "second"]);
}, "21 (sync.getTags.3, sync.register.8): tags are listed in the order of their first registration");

promise_test(async () => {
  const tags = await registration.sync.getTags();
  const kept = [...tags];
  tags.reverse().pop();
  const fresh = await registration.sync.getTags();
  assert_not_equals(fresh, tags);
  assert_array_equals(fresh, kept);
}, "22 (sync.getTags.2): each call has an array of its own");

promise_test(async () => {
  await registration.sync.register("once");
  await registration.sync.register("once");
  assert_equals((await registration.sync.getTags()).filter((tag) => tag === "once").length, 1);
  await new Promise((resolve) => addEventListener("online", resolve, { once: true }));
  await eventually(1, "once");
  await sleep(60_000);
  assert_equals((await events("once")).length, 1);
}, "12 (sync.register.8.3, sync.def.unique): a pending tag stays one, and fires once when there is a network");

promise_test(async () => {
  for (const tag of TAGS) {
    const [event, ...more] = await eventually(1, tag);
    assert_equals(event.tag, tag);
    assert_array_equals(more, []);
  }
}, "9 (sync.fire.5.tag): each of them fires, under its own name");

promise_test(async () => {
  assert_array_equals(await registration.sync.getTags(), []);
}, "20 (sync.fire.5.2.3): what is fulfilled is not listed");
