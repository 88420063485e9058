const seen = [typeof SyncManager, "sync" in ServiceWorkerRegistration.prototype, "SyncEvent" in self, "onsync" in self];
if ("onconnect" in self) addEventListener("connect", ({ ports: [port] }) => port.postMessage(seen));
else postMessage(seen);
