// Web Periodic Background Synchronization.
[Exposed=(Window,Worker)]
partial interface ServiceWorkerRegistration {
  readonly attribute PeriodicSyncManager periodicSync;
};

[Exposed=(Window,Worker)]
interface PeriodicSyncManager {
  Promise<undefined> register(DOMString tag, optional BackgroundSyncOptions options = {});
  Promise<sequence<DOMString>> getTags();
  Promise<undefined> unregister(DOMString tag);
};
dictionary BackgroundSyncOptions {
  [EnforceRange] unsigned long long minInterval = 0;
};

[Exposed=ServiceWorker]
interface PeriodicSyncEvent : ExtendableEvent {
  constructor(DOMString type, PeriodicSyncEventInit init);
  readonly attribute DOMString tag;
};
dictionary PeriodicSyncEventInit : ExtendableEventInit {
  required DOMString tag;
};
