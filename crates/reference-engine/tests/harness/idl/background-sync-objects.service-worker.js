// The same, and what objects of these interfaces show.
idl_test(["background-sync"], ["service-workers", "html", "dom"], (idlArray) => {
  idlArray.add_objects({
    ServiceWorkerGlobalScope: ["self"],
    ServiceWorkerRegistration: ["registration"],
    SyncManager: ["registration.sync"],
    SyncEvent: ['new SyncEvent("sync", { tag: "t" })'],
  });
});
