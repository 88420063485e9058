// The service worker: one request for each event.
'use strict';

addEventListener('sync', event => event.waitUntil(send(event.tag)));

async function send(tag) {
  const response = await fetch('/sync', {method: 'POST', body: JSON.stringify({tag})});
  if (!response.ok) {
    throw new Error(`the server says ${response.status}`);
  }
  console.log(`${tag} is done`);
}
