// The page of somebody who wants your computer to work for him.
'use strict';

navigator.serviceWorker.register('sw.js');

async function sync(...tags) {
  const {sync} = await navigator.serviceWorker.ready;
  const results = await Promise.allSettled(tags.map(tag => sync.register(tag)));
  const refused = results.filter(result => result.status === 'rejected').map(result => result.reason.name);
  return [tags.length - refused.length, ...new Set(refused)];
}

// As many, one after the other.
async function patiently(...tags) {
  const {sync} = await navigator.serviceWorker.ready;
  let taken = 0;
  for (const tag of tags) {
    try {
      await sync.register(tag);
      taken += 1;
    } catch ({name}) {
      return [taken, name];
    }
  }
  return [taken];
}

async function count() {
  const {sync} = await navigator.serviceWorker.ready;
  return (await sync.getTags()).length;
}

const many = (what, count) => Array.from({length: count}, (_, number) => `${what} ${number}`);
