// Service Workers: what pages and workers of the reference engine use.
[Exposed=(Window,Worker)]
interface ServiceWorker : EventTarget {
  readonly attribute USVString scriptURL;
  readonly attribute ServiceWorkerState state;
  attribute EventHandler onstatechange;
};
enum ServiceWorkerState { "parsed", "installing", "installed", "activating", "activated", "redundant" };

[Exposed=(Window,Worker)]
interface ServiceWorkerRegistration : EventTarget {
  readonly attribute ServiceWorker? installing;
  readonly attribute ServiceWorker? waiting;
  readonly attribute ServiceWorker? active;
  readonly attribute USVString scope;
  [NewObject] Promise<boolean> unregister();
};

[Exposed=Window]
interface ServiceWorkerContainer : EventTarget {
  readonly attribute Promise<ServiceWorkerRegistration> ready;
  [NewObject] Promise<ServiceWorkerRegistration> register(USVString scriptURL, optional RegistrationOptions options = {});
};
dictionary RegistrationOptions {
  USVString scope;
};

[Exposed=Window]
interface Navigator {
  readonly attribute boolean onLine;
  readonly attribute DOMString userAgent;
  [SameObject] readonly attribute ServiceWorkerContainer serviceWorker;
};
[Exposed=Worker]
interface WorkerNavigator {
  readonly attribute boolean onLine;
  readonly attribute DOMString userAgent;
};

[Exposed=ServiceWorker]
interface Clients {
  [NewObject] Promise<sequence<Client>> matchAll(optional ClientQueryOptions options = {});
  [NewObject] Promise<undefined> claim();
};
dictionary ClientQueryOptions {
  boolean includeUncontrolled = false;
  ClientType type = "window";
};
enum ClientType { "window", "worker", "sharedworker", "all" };
enum FrameType { "auxiliary", "top-level", "nested", "none" };

[Exposed=ServiceWorker]
interface Client {
  readonly attribute USVString url;
  readonly attribute FrameType frameType;
  readonly attribute DOMString id;
  readonly attribute ClientType type;
};

[Exposed=ServiceWorker]
interface ExtendableEvent : Event {
  constructor(DOMString type, optional ExtendableEventInit eventInitDict = {});
  undefined waitUntil(Promise<any> f);
};
dictionary ExtendableEventInit : EventInit {
};
