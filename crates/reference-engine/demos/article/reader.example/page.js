// The page: shows the article that its address names, and lets others be fetched when there is a network.
'use strict';

navigator.serviceWorker.register('sw.js');

if (location.hash !== '') {
  read(location.hash.slice(1));
}

async function read(article) {
  const response = await fetch(article);
  const [heading] = (await response.text()).split('\n');
  console.log(`you read "${heading}"`);
}

async function readLater(article) {
  await Notification.requestPermission();
  const registration = await navigator.serviceWorker.ready;
  await registration.sync.register(article);
  console.log('you will be told when it is here');
}
