// The page: asks once for fresh news, and then reads what is there.
'use strict';

navigator.serviceWorker.register('sw.js');

async function subscribe() {
  const registration = await navigator.serviceWorker.ready;
  if (!('periodicSync' in registration)) {
    return 'this browser has no periodic syncs';
  }
  const {state} = await navigator.permissions.query({name: 'periodic-background-sync'});
  if (state !== 'granted') {
    return `the permission is ${state}`;
  }
  await registration.periodicSync.register('news', {minInterval: 60 * 60 * 1000});
  return 'subscribed';
}

/** Reads the news, and says whether they are of the last hour. */
async function read() {
  const news = await caches.match('/news.txt');
  if (news === undefined) {
    console.log('there are no news yet');
    return 'none';
  }
  const minutes = Math.round((Date.now() - Number(news.headers.get('x-fetched'))) / 60_000);
  console.log(`you read "${(await news.text()).trim()}", fetched ${minutes} min ago`);
  return minutes < 60 ? 'fresh' : 'stale';
}
