// The page: fetches mail periodically for as long as it may, and asks again when it may again.
'use strict';

const registered = navigator.serviceWorker.register('sw.js');

let permission;

async function follow() {
  permission = await navigator.permissions.query({name: 'periodic-background-sync'});
  permission.onchange = subscribe;
  await subscribe();
}

async function subscribe() {
  const registration = await navigator.serviceWorker.ready;
  try {
    await registration.periodicSync.register('inbox', {minInterval: 12 * 60 * 60 * 1000});
    console.log('mail will be fetched twice a day');
  } catch (error) {
    console.log(`the permission is ${permission.state}: ${error.name}`);
  }
}

async function tags() {
  const registration = await registered;
  return registration.periodicSync.getTags();
}

follow();
