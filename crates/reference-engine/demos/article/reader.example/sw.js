// The service worker: keeps what is to be read offline. The tag of a sync is the address of an article.
'use strict';

// The page itself, too: browsers ask the worker for it. In this engine pages are always there.
addEventListener('install', event => event.waitUntil(keep('/', 'page.js')));

addEventListener('sync', event => event.waitUntil(fetchForLater(event.tag)));

addEventListener('notificationclick', event => {
  event.notification.close();
  event.waitUntil(clients.openWindow(`/#${event.notification.data}`));
});

addEventListener('fetch', event => event.respondWith(kept(event.request)));

async function keep(...addresses) {
  const cache = await caches.open('kept');
  await cache.addAll(addresses);
}

async function kept(request) {
  return await caches.match(request) ?? fetch(request);
}

async function fetchForLater(article) {
  await keep(article);
  await registration.showNotification('Ready to read', {body: article, data: article});
}
