// The service worker: buy the ticket, and say so when it cannot be had.
'use strict';

addEventListener('sync', event => event.waitUntil(buy(event.tag, event.lastChance)));

async function buy(ticket, lastChance) {
  try {
    const response = await fetch('/tickets', {method: 'POST', body: JSON.stringify({ticket})});
    if (!response.ok) {
      throw new Error(`the server says ${response.status}`);
    }
  } catch (error) {
    if (lastChance) {
      await registration.showNotification('No ticket', {body: `${ticket}: ${error.message}`});
    }
    throw error;
  }
}
