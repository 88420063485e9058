"use strict";

navigator.serviceWorker.register("sw.js");

async function send(id, text) {
  await outbox.add({ id, text });
  const registration = await navigator.serviceWorker.ready;
  await registration.sync.register("outbox");
}

const left = async () => (await outbox.all()).map(({ message }) => message.id);
