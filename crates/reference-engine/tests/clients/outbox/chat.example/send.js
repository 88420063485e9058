"use strict";

addEventListener("sync", event => {
  if (event.tag === "outbox") event.waitUntil(sendAll());
});

async function sendAll() {
  for (const { key, message } of await outbox.all()) {
    const response = await fetch("/messages", { method: "POST", body: JSON.stringify(message) });
    if (!response.ok) throw new Error(`the server says ${response.status}`);
    await outbox.remove(key);
    console.log(`${message.id} is sent`);
  }
}
