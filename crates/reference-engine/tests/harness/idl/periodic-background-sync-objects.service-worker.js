// The same, and what objects of these interfaces show.
idl_test(["periodic-background-sync"], ["service-workers", "html", "dom"], (idlArray) => {
  idlArray.add_objects({
    ServiceWorkerGlobalScope: ["self"],
    ServiceWorkerRegistration: ["registration"],
    PeriodicSyncManager: ["registration.periodicSync"],
    PeriodicSyncEvent: ['new PeriodicSyncEvent("periodicsync", { tag: "t" })'],
  });
});
