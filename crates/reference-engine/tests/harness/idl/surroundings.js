// The interfaces of other specifications that this engine supplies, whole or in part.
const SUPPLIED = {
  dom: ["AbortController", "AbortSignal", "CustomEvent", "Event", "EventTarget"],
  html: [
    "AbstractWorker", "DedicatedWorkerGlobalScope", "ErrorEvent", "MessageChannel", "MessageEvent", "MessageEventTarget",
    "MessagePort", "PromiseRejectionEvent", "SharedWorker", "SharedWorkerGlobalScope", "Worker", "WorkerGlobalScope",
  ],
  notifications: ["Notification", "NotificationEvent"],
  permissions: ["Permissions", "PermissionStatus"],
  "service-workers": [
    "Client", "Clients", "ExtendableEvent", "ExtendableMessageEvent", "FetchEvent", "ServiceWorker", "ServiceWorkerContainer",
    "ServiceWorkerGlobalScope", "ServiceWorkerRegistration", "WindowClient",
  ],
  webidl: ["QuotaExceededError"],
};
// What these are made of.
const PARTS = {
  html: ["AnimationFrameProvider", "FontFaceSource", "WindowOrWorkerGlobalScope", "EventHandler", "OnErrorEventHandler"],
  webidl: ["DOMException"],
};

promise_test(async () => {
  const idlArray = new IdlArray();
  for (const [name, only] of Object.entries(SUPPLIED)) {
    const { idl } = await fetch_spec(name);
    idlArray.add_idls(idl, { only });
    idlArray.add_untested_idls(idl, { only: PARTS[name] ?? [] });
  }
  idlArray.test();
}, "set-up");
