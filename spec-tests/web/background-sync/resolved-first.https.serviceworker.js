// META: title=A promise is resolved before its event
// META: timeout=long

promise_setup(() => new Promise(resolve => addEventListener("activate", resolve)));

promise_test(async () => {
  const order = [];
  const fired = new Promise(resolve => {
    addEventListener("sync", event => {
      if (!["outer", "inner"].includes(event.tag)) return;
      order.push(`event ${event.tag}`);
      if (event.tag === "inner") resolve();
      else event.waitUntil(registration.sync.register("inner").then(() => order.push("resolved inner")));
    });
  });
  await registration.sync.register("outer").then(() => order.push("resolved outer"));
  await fired;
  assert_array_equals(order, ["resolved outer", "event outer", "resolved inner", "event inner"]);
}, "from a worker, and from a worker's event");

promise_test(async () => {
  const listed = new Promise(resolve => {
    addEventListener("sync", event => {
      if (event.tag === "looks") event.waitUntil(registration.sync.getTags().then(resolve));
    });
  });
  await registration.sync.register("looks");
  assert_array_equals(await listed, ["looks"]);
}, "an event sees its own tag in getTags()");
