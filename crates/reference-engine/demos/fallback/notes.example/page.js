// The page: background sync sends the notes where there is any, and the page itself where there is none.
'use strict';

navigator.serviceWorker.register('sw.js');
addEventListener('online', sendFromHere);
sendFromHere();

async function save(id) {
  await withOutbox('readwrite', store => store.put({id}));
  console.log(await askForSync() ? 'it will be sent' : 'keep this page open, or come back');
}

async function askForSync() {
  const registration = await navigator.serviceWorker.ready;
  if (!('sync' in registration)) {
    console.log('this browser has no background sync');
    return false;
  }
  try {
    await registration.sync.register('outbox');
    return true;
  } catch (error) {
    if (error.name !== 'NotAllowedError') {
      throw error;
    }
    console.log('background sync is not allowed here');
    return false;
  }
}

async function sendFromHere() {
  try {
    await sendAll();
  } catch (error) {
    console.log(`not yet: ${error.message}`);
  }
}
