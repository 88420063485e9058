// What can't be sent is left to the package's queue.
import { queueToServer, registerQueue } from "@remix-pwa/sync";

registerQueue("notes");

addEventListener("install", () => skipWaiting());
addEventListener("activate", event => event.waitUntil(clients.claim()));
addEventListener("fetch", event => {
  if (event.request.method === "POST") event.respondWith(send(event.request));
});

async function send(request) {
  try {
    return await fetch(request.clone());
  } catch (error) {
    queueToServer({ name: "notes", request });
    throw error;
  }
}
