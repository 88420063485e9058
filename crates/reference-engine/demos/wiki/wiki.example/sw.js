// The service worker: refreshes every article that is kept. One that cannot be had stays as it was, and the event fails,
// so that the browser tries again.
'use strict';

addEventListener('periodicsync', event => {
  if (event.tag === 'articles') {
    event.waitUntil(refresh());
  }
});

async function refresh() {
  const cache = await caches.open('articles');
  const articles = await cache.keys();
  for (const {url} of articles) {
    const response = await fetch(url);
    if (!response.ok) {
      throw new Error(`${url}: ${response.status}`);
    }
    await cache.put(url, response);
  }
  console.log(`${articles.length} articles are fresh`);
}
