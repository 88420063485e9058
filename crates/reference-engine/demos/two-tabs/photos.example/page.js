// The page: every photo is a tag of its own, and the album is the same for all tabs.
'use strict';

navigator.serviceWorker.register('sw.js');

async function sync(tag) {
  const registration = await navigator.serviceWorker.ready;
  await registration.sync.register(tag);
}

const upload = photo => sync(`photo-${photo}`);

const refresh = () => sync('album');

async function waiting() {
  const registration = await navigator.serviceWorker.ready;
  return registration.sync.getTags();
}
