// The service worker: send what is in the outbox. Each message carries its id, so that one that is sent
// twice is kept once.
'use strict';

importScripts('outbox.js');

addEventListener('sync', event => {
  if (event.tag === 'outbox') {
    event.waitUntil(sendAll(event.lastChance));
  }
});

async function sendAll(lastChance) {
  const messages = await outbox.all();
  console.log(`${messages.length} messages to send${lastChance ? ', for the last time' : ''}`);
  for (const {number, id, text} of messages) {
    const response = await fetch('/messages', {method: 'POST', body: JSON.stringify({id, text})});
    if (!response.ok) {
      throw new Error(`the server says ${response.status}`);
    }
    await outbox.remove(number);
  }
}
