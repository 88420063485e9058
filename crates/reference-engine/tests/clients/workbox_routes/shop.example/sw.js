// Workbox as its documentation has it: a route, a strategy, a plugin.
"use strict";

importScripts(
  "workbox-core/workbox-core.prod.js",
  "workbox-routing/workbox-routing.prod.js",
  "workbox-strategies/workbox-strategies.prod.js",
  "workbox-background-sync/workbox-background-sync.prod.js",
);

skipWaiting();
workbox.core.clientsClaim();

const orders = new workbox.strategies.NetworkOnly({
  plugins: [new workbox.backgroundSync.BackgroundSyncPlugin("orders", { maxRetentionTime: 24 * 60 })],
});
for (const method of ["POST", "PUT"]) workbox.routing.registerRoute("/orders", orders, method);
