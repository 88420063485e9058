// What the test scripts and their workers share.

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const moments = new Map();
const resolvers = (name) => {
  if (!moments.has(name)) moments.set(name, Promise.withResolvers());
  return moments.get(name);
};
/** Resolves when the timeline has come to a moment. */
const moment = (name) => resolvers(name).promise;
/** What the timeline runs when it has. */
const reached = (name) => resolvers(name).resolve();

const result = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
const opening = indexedDB.open("journal", 1);
opening.onupgradeneeded = () => opening.result.createObjectStore("events", { autoIncrement: true });
const journal = result(opening);
const table = async (mode) => (await journal).transaction("events", mode).objectStore("events");

/** Writes down an event, for all pages and workers of the origin. */
const record = async (entry) => result((await table("readwrite")).add(entry));

/** The events of a tag so far, oldest first. */
const events = async (tag) => (await result((await table("readonly")).getAll())).filter((entry) => entry.tag === tag);

/** The events of a tag, once there are so many. Looks again every so many milliseconds. */
async function eventually(count, tag, every = 100) {
  for (;;) {
    const found = await events(tag);
    if (found.length >= count) return found;
    await sleep(every);
  }
}

/** Resolves when a registration's worker is activated. */
async function activated(registration) {
  while (registration.active?.state !== "activated") await sleep(100);
  return registration;
}
