// The service worker: tell, and open the page for whoever clicks.
'use strict';

addEventListener('sync', event => {
  event.waitUntil(registration.showNotification('You are online', {body: 'Click for the news'}));
});

addEventListener('notificationclick', event => {
  event.notification.close();
  event.waitUntil(clients.openWindow('/?from=notification'));
});
