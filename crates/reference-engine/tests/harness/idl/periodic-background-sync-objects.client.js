// The same, and what registrations show, however a client came by them.
idl_test(["periodic-background-sync"], ["service-workers", "html", "dom"], async (idlArray) => {
  self.registered = await navigator.serviceWorker.register("sw.js");
  self.ready = await navigator.serviceWorker.ready;
  idlArray.add_objects({
    ServiceWorkerRegistration: ["registered", "ready"],
    PeriodicSyncManager: ["registered.periodicSync", "ready.periodicSync"],
  });
});
