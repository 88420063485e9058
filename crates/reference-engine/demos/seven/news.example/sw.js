// The service worker: fetches the news when the browser thinks that it is time.
'use strict';

addEventListener('install', event => event.waitUntil(skipWaiting()));

addEventListener('periodicsync', event => {
  if (event.tag === 'news') {
    event.waitUntil(fetchNews());
  }
});

async function fetchNews() {
  const response = await fetch('/news.txt');
  if (!response.ok) {
    throw new Error(`the server says ${response.status}`);
  }
  const headers = {'x-fetched': String(Date.now())};
  const cache = await caches.open('news');
  await cache.put('/news.txt', new Response(await response.text(), {headers}));
}
