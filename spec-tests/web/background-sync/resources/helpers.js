// What the tests and their workers share.

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

const result = request => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const opening = indexedDB.open("background-sync", 1);
opening.onupgradeneeded = () => opening.result.createObjectStore("events", { autoIncrement: true });
const journal = result(opening);
const table = async mode => (await journal).transaction("events", mode).objectStore("events");

/** Writes down an event, for all pages and workers of the origin. */
const record = async entry => result((await table("readwrite")).add(entry));

/** The events of a tag so far, oldest first. */
const events = async tag => (await result((await table("readonly")).getAll())).filter(entry => entry.tag === tag);

/** The events of a tag, once there are so many. */
async function eventually(count, tag) {
  for (;;) {
    const found = await events(tag);
    if (found.length >= count) return found;
    await sleep(50);
  }
}

/** Resolves when a registration's worker is activated. */
async function activated(registration) {
  while (registration.active?.state !== "activated") await sleep(20);
  return registration;
}

/** A registration of its own, with an activated worker; it is taken away after the tests. */
async function registered(name) {
  const script = "/background-sync/resources/sw.js";
  const registration = await navigator.serviceWorker.register(script, { scope: `/background-sync/resources/${name}/` });
  add_completion_callback(() => registration.unregister());
  return activated(registration);
}

const offline = () =>
  test_driver.bidi.emulation.set_network_conditions({ networkConditions: { type: "offline" } });
const online = () => test_driver.bidi.emulation.set_network_conditions({ networkConditions: null });
