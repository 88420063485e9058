// Registrations in all their states.
let registration;
promise_setup(async () => {
  registration = await activated(await navigator.serviceWorker.register("/sw.js"));
});

promise_test(async () => {
  const [firing, again, waiting, fulfilled] = ["f?takes=60", "a?takes=60", "w?fails=1", "fulfilled"];
  for (const tag of [firing, again, waiting, fulfilled]) {
    await registration.sync.register(tag);
    await eventually(1, tag);
  }
  await registration.sync.register(again);
  await moment("offline");
  await registration.sync.register("pending");
  assert_array_equals(await registration.sync.getTags(), [firing, again, waiting, "pending"]);
}, "20 (sync.getTags.3): firing, re-registered, waiting and pending tags are listed, fulfilled ones are not");

promise_test(async () => {
  await moment("online");
  while ((await registration.sync.getTags()).length > 0) await sleep(1000);
  assert_equals((await events("a?takes=60")).length, 2);
  assert_equals((await events("f?takes=60")).length, 1);
  assert_equals((await events("w?fails=1")).length, 2);
  assert_equals((await events("pending")).length, 1);
}, "11 (sync.register.8.2): of all these the re-registered tag and the one that failed fire twice");

promise_test(async () => {
  const tag = "thrice?takes=20";
  await registration.sync.register(tag);
  await eventually(1, tag);
  await registration.sync.register(tag);
  await registration.sync.register(tag);
  const [, second] = await eventually(2, tag);
  assert_array_equals(second.listed, [tag]);
  await sleep(60_000);
  assert_equals((await events(tag)).length, 2);
  assert_array_equals(await registration.sync.getTags(), []);
}, "11 (sync.register.8.2, sync.fire.5.2.1): registered twice while it fires, a tag fires once more");

promise_test(async () => {
  const tag = "retries?fails=1";
  await registration.sync.register(tag);
  const [first] = await eventually(1, tag);
  await sleep(1000);
  assert_array_equals(await registration.sync.getTags(), [tag], "it waits for its next attempt");
  await registration.sync.register(tag);
  const [, second] = await eventually(2, tag);
  assert_less_than(second.at - first.at, 10_000, "the first back-off is 15 s at least");
}, "10 (sync.register.8.1, sync.register.8.4): a tag that waits for its next attempt fires when it is registered again");
