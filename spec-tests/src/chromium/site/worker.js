// The worker of every fixture: tells the runner of each event, and ends it as the runner says.
importScripts("/calls.js");
const query = new URL(location).searchParams;
const worker = query.get("worker");

async function take(kind, event) {
  const what = { key: crypto.randomUUID(), worker, kind, tag: units(event.tag), last_chance: event.lastChance ?? null };
  const { number, registers } = await (await tell(location.hostname, "/event", what)).json();
  if (registers) await self.registration.sync.register(text(registers));
  // A host of its own: an event that takes long holds up no other's connection.
  const { end } = await (await tell(`event-${number}.localhost`, "/end", { number })).json();
  if (end === "reject") throw new Error("as the fixture says");
}

addEventListener("sync", event => event.waitUntil(take("one_shot", event)));
addEventListener("periodicsync", event => event.waitUntil(take("periodic", event)));
addEventListener("install", event => {
  skipWaiting();
  event.waitUntil(tell(location.hostname, "/may-install", { worker }));
});
addEventListener("activate", event => event.waitUntil(tell(location.hostname, "/may-activate", { worker })));
