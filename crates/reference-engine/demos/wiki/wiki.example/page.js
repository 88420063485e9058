// The page: keeps articles for reading without a network, and wants them refreshed once a day.
'use strict';

navigator.serviceWorker.register('sw.js');

const DAY = 24 * 60 * 60 * 1000;

async function keepOffline(...articles) {
  const cache = await caches.open('articles');
  await cache.addAll(articles.map(article => `/articles/${article}.txt`));
  const registration = await navigator.serviceWorker.ready;
  await registration.periodicSync.register('articles', {minInterval: DAY});
  console.log(`${(await cache.keys()).length} articles can be read offline`);
}

async function read(article) {
  const response = await caches.match(`/articles/${article}.txt`);
  return (await response.text()).trim();
}
