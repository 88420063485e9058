// The worker of most tests. It writes down each sync event and does what the tag says after its question mark:
// `takes` so many seconds, and `fails` so many times.
importScripts("/help.js");

addEventListener("sync", (event) => event.waitUntil(handle(event)));

async function handle({ tag, lastChance }) {
  const orders = new URLSearchParams(tag.split("?")[1]);
  const before = (await events(tag)).length;
  const listed = await registration.sync.getTags();
  await record({ tag, lastChance, listed, scope: registration.scope, at: Date.now() });
  await sleep(Number(orders.get("takes")) * 1000);
  if (before < Number(orders.get("fails"))) throw new Error("as told");
}
