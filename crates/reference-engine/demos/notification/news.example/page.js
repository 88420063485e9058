// The page: it wants to be told when there is a network again.
'use strict';

navigator.serviceWorker.register('sw.js');

async function tellMe() {
  await Notification.requestPermission();
  const registration = await navigator.serviceWorker.ready;
  await registration.sync.register('back-online');
  console.log('you will be told');
}
