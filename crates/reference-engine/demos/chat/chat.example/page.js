// The page: keep the message, ask for a sync, and never mind the network.
'use strict';

navigator.serviceWorker.register('sw.js');

async function send(text) {
  await outbox.add({id: crypto.randomUUID(), text});
  const registration = await navigator.serviceWorker.ready;
  await registration.sync.register('outbox');
  console.log(`"${text}" will be sent`);
}

async function waiting() {
  const registration = await navigator.serviceWorker.ready;
  return registration.sync.getTags();
}
