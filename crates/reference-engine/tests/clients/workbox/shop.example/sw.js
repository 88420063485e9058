// Orders are sent by the worker; what can't be sent is left to Workbox.
"use strict";

const build = new URL(location).searchParams.get("build") ?? "prod";
importScripts(
  `workbox-core/workbox-core.${build}.js`,
  `workbox-background-sync/workbox-background-sync.${build}.js`,
);

const { Queue } = workbox.backgroundSync;
const orders = new Queue("orders");

// A queue that sends only what was there when its sync began.
const letters = new Queue("letters", {
  onSync: async ({ queue }) => {
    for (let left = await queue.size(); left > 0; left--) {
      const entry = await queue.shiftRequest();
      try {
        await fetch(entry.request.clone());
      } catch (error) {
        await queue.unshiftRequest(entry);
        throw error;
      }
    }
  },
});

addEventListener("sync", event => {
  const [kind, what] = event.tag.split(" ");
  if (kind === "order") event.waitUntil(send(what));
});

const requests = {
  tea: () => new Request("/orders", { method: "POST", body: JSON.stringify({ id: "tea", cups: 2 }), headers: { "x-shop": "7" } }),
  milk: () => new Request("/orders", { method: "PUT", body: JSON.stringify({ id: "milk" }) }),
  sugar: () => new Request("/orders", {
    method: "POST", body: new TextEncoder().encode(JSON.stringify({ id: "sugar", note: "süß" })),
    headers: { "content-type": "application/json", authorization: "Bearer 1" },
  }),
};

async function send(what) {
  const [queue, request] = what in requests
    ? [orders, requests[what]()]
    : [letters, new Request("/letters", { method: "POST", body: JSON.stringify({ id: what }) })];
  try {
    await fetch(request.clone());
    console.log(`${what} is sent`);
  } catch {
    await queue.pushRequest({ request });
    console.log(`${what} is queued, ${await queue.size()} in all`);
  }
}
