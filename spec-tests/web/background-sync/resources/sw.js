// Writes down each event and does what the tag says after its question mark: `takes` so many milliseconds, and `fails` so many times.
importScripts("/background-sync/resources/helpers.js");

addEventListener("sync", event => event.waitUntil(handle(event, registration.sync)));
addEventListener("periodicsync", event => event.waitUntil(handle(event, registration.periodicSync)));

async function handle({ type, tag, lastChance, isTrusted, bubbles, cancelable, target }, manager) {
  const orders = new URLSearchParams(tag.split("?")[1]);
  const before = (await events(tag)).length;
  const listed = await manager.getTags();
  const at_global = target === self;
  await record({ type, tag, lastChance, isTrusted, bubbles, cancelable, at_global, listed, scope: registration.scope, at: Date.now() });
  await sleep(Number(orders.get("takes")));
  if (before < Number(orders.get("fails"))) throw new Error("as told");
}
