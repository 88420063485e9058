// His service worker. The tag says which trick to try.
'use strict';

addEventListener('sync', event => event.waitUntil(tricks[event.tag.split(' ')[0]]()));

addEventListener('message', event => {
  console.log(`message ${event.data}`);
  event.waitUntil(stay(event.data + 1));
});

const wait = ms => new Promise(resolve => setTimeout(resolve, ms));

const tricks = {
  // One event asks for the next.
  async loop() {
    await registration.sync.register('loop').catch(error => console.log(`no next event: ${error.name}`));
  },

  // Computes, and never comes back.
  async spin() {
    for (;;);
  },

  // Computes in pieces so small that none of them takes long.
  async nibble() {
    for (;;) {
      await wait(0);
    }
  },

  // Computes in pieces, politely, and never ends.
  async mine() {
    for (let coins = 0; ; coins += 1) {
      await wait(1000);
    }
  },

  // Wants a window, which would let it register again and cost it no budget; or to be clicked into life.
  async appear() {
    await clients.openWindow('/').catch(error => console.log(`no window: ${error.name}`));
    await registration.showNotification('You won!').catch(error => console.log(`no notification: ${error.name}`));
    await stay(1);
  },
};

// Writes to itself, so that there is always one more event.
async function stay(number) {
  await wait(20000);
  registration.active.postMessage(number);
}
