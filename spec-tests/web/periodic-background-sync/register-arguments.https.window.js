// META: title=PeriodicSyncManager: conversion of arguments
// META: timeout=long
// META: script=/resources/testdriver.js
// META: script=/resources/testdriver-vendor.js
// META: script=/background-sync/resources/helpers.js

let registration, periodic;
promise_setup(async () => {
  registration = await registered("periodic-arguments");
  periodic = registration.periodicSync;
  await test_driver.set_permission({ name: "periodic-background-sync" }, "granted");
});

/** A script's own error, thrown while its value is converted. */
const thrown = new Error("not this way");
const throwing = () => { throw thrown; };

promise_test(async t => {
  await promise_rejects_js(t, TypeError, periodic.register());
  await promise_rejects_js(t, TypeError, periodic.register(Symbol("tag")));
  await promise_rejects_exactly(t, thrown, periodic.register({ toString: throwing }));
  await promise_rejects_js(t, TypeError, periodic.unregister());
  await promise_rejects_exactly(t, thrown, periodic.unregister({ toString: throwing }));
  assert_array_equals(await periodic.getTags(), []);
}, "register() and unregister() without a tag, or with what cannot become one, reject and do nothing");

promise_test(async t => {
  const refused = [-1, -1000, NaN, Infinity, -Infinity, 2 ** 53, 2 ** 64, 1n, 0n, "soon", {}, Symbol("1"), [1, 2], () => 1];
  for (const minInterval of refused) {
    const message = format_value(minInterval);
    await promise_rejects_js(t, TypeError, periodic.register("refused", { minInterval }), message);
  }
  assert_array_equals(await periodic.getTags(), []);
}, "an interval that is no number of milliseconds below 2^53 rejects with TypeError");

promise_test(async t => {
  for (const wrong of [5, "x", true, 1n, Symbol("o")]) {
    await promise_rejects_js(t, TypeError, periodic.register("options", wrong), format_value(wrong));
  }
  assert_array_equals(await periodic.getTags(), []);
}, "options that are no object reject with TypeError");

promise_test(async () => {
  for (const none of [undefined, null, {}, [], () => {}, Object.create(null), { other: 5 }]) {
    await periodic.register("options", none);
    assert_array_equals(await periodic.getTags(), ["options"], format_value(none));
    await periodic.unregister("options");
  }
}, "options may be nothing, or any object");

promise_test(async t => {
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
}, "the tag is converted, then the options; what they throw is what the promise rejects with");
