// The service worker: what the page does, without the page.
'use strict';

importScripts('outbox.js');

addEventListener('sync', event => event.waitUntil(sendAll()));
