// Notes that have not reached the server yet, in IndexedDB, and how to send them: page and worker share both.
'use strict';

function openOutbox() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('notes', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('outbox', {keyPath: 'id'});
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

async function sendAll() {
  for (const note of await withOutbox('readonly', store => store.getAll())) {
    const response = await fetch('/notes', {method: 'POST', body: JSON.stringify(note)});
    if (!response.ok) {
      throw new Error(`the server says ${response.status}`);
    }
    await withOutbox('readwrite', store => store.delete(note.id));
  }
}
