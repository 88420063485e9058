// The service worker: fetches what is new, and says how far it came.
'use strict';

addEventListener('install', event => event.waitUntil(skipWaiting()));

addEventListener('periodicsync', event => event.waitUntil(fetchMail(event.tag)));

async function fetchMail(tag) {
  console.log(`fetching the ${tag}`);
  const response = await fetch(`/${tag}.txt`);
  console.log(`the ${tag} is here: ${response.status}`);
  const tags = await registration.periodicSync.getTags();
  console.log(tags.includes(tag) ? 'it will be fetched again' : 'it will not be fetched again');
}
