// Messages that have not reached the server yet, in IndexedDB: page and worker share them.
'use strict';

function openOutbox() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('chat', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('outbox', {keyPath: 'number', autoIncrement: true});
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function withOutbox(mode, work) {
  const database = await openOutbox();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction('outbox', mode);
      const request = work(transaction.objectStore('outbox'));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

const outbox = {
  add: message => withOutbox('readwrite', store => store.add(message)),
  all: () => withOutbox('readonly', store => store.getAll()),
  remove: number => withOutbox('readwrite', store => store.delete(number)),
};
