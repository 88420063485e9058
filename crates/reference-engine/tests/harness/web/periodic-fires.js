// The app's tab stays open for days.
let registration, periodic;
promise_setup(async () => {
  registration = await activated(await navigator.serviceWorker.register("/sw.js"));
  periodic = registration.periodicSync;
});

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

promise_test(async () => {
  const begin = Date.now();
  await periodic.register("days", { minInterval: 24 * HOUR });
  const [first, second] = await eventually(2, "days", MINUTE / 2);
  assert_equals(first.type, "periodicsync");
  assert_equals(first.lastChance, undefined, "there is no such member");
  assert_array_equals(first.listed, ["days"], "it is listed while it fires");
  assert_greater_than_equal(first.at - begin, 24 * HOUR);
  assert_greater_than_equal(second.at - first.at, 24 * HOUR);
  assert_array_equals(await periodic.getTags(), ["days"], "it stays");
  await periodic.unregister("days");
}, "60 (periodic.def.anchor, periodic.process.1.3.3.3.2): an event comes after the interval, and again after the interval");

promise_test(async () => {
  await periodic.register("asap");
  const [first, second] = await eventually(2, "asap", MINUTE / 2);
  assert_greater_than_equal(second.at - first.at, 12 * HOUR);
  await periodic.unregister("asap");
}, "60 (periodic.const.any): without an interval, too, half a day is between two events");

promise_test(async () => {
  await periodic.register("fails?fails=100");
  const fired = await eventually(3, "fails?fails=100", MINUTE / 2);
  assert_less_than(fired[2].at - fired[0].at, 2 * HOUR, "two retries follow");
  await sleep(6 * HOUR);
  assert_equals((await events("fails?fails=100")).length, 3, "and no more that day");
  assert_array_equals(await periodic.getTags(), ["fails?fails=100"], "it stays all the same");
  await periodic.unregister("fails?fails=100");
}, "68 (periodic.fire.6.9): an event that fails is tried again twice, and then at its next turn");

promise_test(async () => {
  await periodic.register("renewed?fails=1&takes=90");
  await eventually(1, "renewed?fails=1&takes=90", MINUTE / 2);
  await periodic.register("renewed?fails=1&takes=90");
  await sleep(6 * HOUR);
  assert_equals((await events("renewed?fails=1&takes=90")).length, 1);
  await periodic.unregister("renewed?fails=1&takes=90");
}, "55 (periodic.register.9.2): registered again while it fires, it is not tried again when it fails");

promise_test(async () => {
  await periodic.register("dropped?fails=9&takes=90");
  await eventually(1, "dropped?fails=9&takes=90", MINUTE / 2);
  await periodic.unregister("dropped?fails=9&takes=90");
  assert_array_equals(await periodic.getTags(), []);
  await sleep(36 * HOUR);
  assert_equals((await events("dropped?fails=9&takes=90")).length, 1);
}, "59 (periodic.fire.2): unregistered while it fires, it is neither tried again nor fired later");
