// The worker of most tests. It writes down each event of both kinds and does what the tag says after its question mark:
// `takes` so many seconds, and `fails` so many times.
importScripts("/help.js");

addEventListener("sync", (event) => event.waitUntil(handle(event, registration.sync)));
addEventListener("periodicsync", (event) => event.waitUntil(handle(event, registration.periodicSync)));

async function handle({ type, tag, lastChance }, manager) {
  const orders = new URLSearchParams(tag.split("?")[1]);
  const before = (await events(tag)).length;
  const listed = await manager.getTags();
  await record({ type, tag, lastChance, listed, scope: registration.scope, at: Date.now() });
  await sleep(Number(orders.get("takes")) * 1000);
  if (before < Number(orders.get("fails"))) throw new Error("as told");
}
