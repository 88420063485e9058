// META: title=SyncEvent.waitUntil()
// META: timeout=long
// META: script=/background-sync/resources/helpers.js

// A browser may say that nobody handles a promise that is its own to handle.
setup({ allow_uncaught_exception: true });
promise_setup(() => new Promise(resolve => addEventListener("activate", resolve)));

/** Registers a tag and takes its first event with `take`, while it is dispatched. */
function first(tag, take) {
  const taken = new Promise((resolve, reject) => {
    addEventListener("sync", function listener(event) {
      if (event.tag !== tag) return;
      removeEventListener("sync", listener);
      try { resolve(take(event)); } catch (error) { reject(error); }
    });
  });
  return registration.sync.register(tag).then(() => taken);
}

const listed = async tag => (await registration.sync.getTags()).includes(tag);

/** Waits until a tag is no longer listed. */
async function gone(tag) {
  while (await listed(tag)) await sleep(50);
}

promise_test(async () => {
  await first("nothing", () => {});
  await gone("nothing");
}, "an event that nobody extends is fulfilled");

promise_test(async () => {
  let settle;
  await first("several", event => {
    event.waitUntil(Promise.resolve());
    event.waitUntil(new Promise(resolve => { settle = resolve; }));
  });
  await sleep(500);
  assert_true(await listed("several"), "one of them is not settled");
  settle();
  await gone("several");
}, "it lasts until all its promises have settled");

promise_test(async () => {
  await first("inner", async event => {
    event.waitUntil(sleep(300).then(() => event.waitUntil(sleep(1500))));
  });
  await sleep(900);
  assert_true(await listed("inner"), "the later one counts");
  await gone("inner");
}, "a promise that is added while another lasts counts");

promise_test(async t => {
  let late;
  await first("late", event => { late = event; });
  await gone("late");
  await sleep(100);
  assert_throws_dom("InvalidStateError", () => late.waitUntil(Promise.resolve()));
}, "when the event has ended it is too late");

promise_test(async () => {
  let taken;
  await first("microtask", event => {
    taken = Promise.resolve().then(() => event.waitUntil(sleep(1)));
  });
  await taken;
  await gone("microtask");
}, "in a microtask of its handler it is not");

promise_test(async t => {
  const seen = [];
  const listener = event => {
    if (event.tag !== "rejects") return;
    seen.push(event.lastChance);
    const rejected = Promise.reject(new Error("once"));
    rejected.catch(() => {});
    event.waitUntil(seen.length === 1 ? rejected : "no promise");
  };
  addEventListener("sync", listener);
  t.add_cleanup(() => removeEventListener("sync", listener));
  await registration.sync.register("rejects");
  while (seen.length < 2) await sleep(100);
  assert_array_equals(seen, [false, false]);
  await gone("rejects");
}, "an event with a promise that is rejected comes again; what is no promise counts as fulfilled");
