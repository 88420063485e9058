// The page: what is to be bought is the tag.
'use strict';

navigator.serviceWorker.register('sw.js');

async function buy(ticket) {
  await Notification.requestPermission();
  const registration = await navigator.serviceWorker.ready;
  await registration.sync.register(ticket);
}
