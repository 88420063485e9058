// Service Workers: what pages and workers of the reference engine use.
[Exposed=(Window,Worker)]
interface ServiceWorker : EventTarget {
  readonly attribute USVString scriptURL;
  readonly attribute ServiceWorkerState state;
  undefined postMessage(any message, optional any options);
  attribute EventHandler onstatechange;
  attribute EventHandler onerror;
};
enum ServiceWorkerState { "parsed", "installing", "installed", "activating", "activated", "redundant" };

[Exposed=(Window,Worker)]
interface ServiceWorkerRegistration : EventTarget {
  readonly attribute ServiceWorker? installing;
  readonly attribute ServiceWorker? waiting;
  readonly attribute ServiceWorker? active;
  readonly attribute USVString scope;
  readonly attribute ServiceWorkerUpdateViaCache updateViaCache;
  [NewObject] Promise<ServiceWorkerRegistration> update();
  [NewObject] Promise<boolean> unregister();
  attribute EventHandler onupdatefound;
};
enum ServiceWorkerUpdateViaCache { "imports", "all", "none" };

[Exposed=(Window,Worker)]
interface ServiceWorkerContainer : EventTarget {
  readonly attribute ServiceWorker? controller;
  readonly attribute Promise<ServiceWorkerRegistration> ready;
  [NewObject] Promise<ServiceWorkerRegistration> register(USVString scriptURL, optional RegistrationOptions options = {});
  [NewObject] Promise<any> getRegistration(optional USVString clientURL = "");
  [NewObject] Promise<sequence<ServiceWorkerRegistration>> getRegistrations();
  undefined startMessages();
  attribute EventHandler oncontrollerchange;
  attribute EventHandler onmessage;
  attribute EventHandler onmessageerror;
};
dictionary RegistrationOptions {
  USVString scope;
  WorkerType type = "classic";
  ServiceWorkerUpdateViaCache updateViaCache = "imports";
};

[Exposed=Window]
interface Navigator {
  readonly attribute boolean onLine;
  readonly attribute DOMString userAgent;
  [SameObject] readonly attribute Permissions permissions;
  [SameObject] readonly attribute ServiceWorkerContainer serviceWorker;
};
[Exposed=Worker]
interface WorkerNavigator {
  readonly attribute boolean onLine;
  readonly attribute DOMString userAgent;
  [SameObject] readonly attribute Permissions permissions;
  [SameObject] readonly attribute ServiceWorkerContainer serviceWorker;
};

[Exposed=ServiceWorker]
interface Clients {
  [NewObject] Promise<any> get(DOMString id);
  [NewObject] Promise<sequence<Client>> matchAll(optional ClientQueryOptions options = {});
  [NewObject] Promise<WindowClient?> openWindow(USVString url);
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
  undefined postMessage(any message, optional any options);
};

[Exposed=ServiceWorker]
interface WindowClient : Client {
  readonly attribute DocumentVisibilityState visibilityState;
  readonly attribute boolean focused;
  [NewObject] Promise<WindowClient> focus();
};
enum DocumentVisibilityState { "visible", "hidden" };

[Exposed=ServiceWorker]
interface ExtendableEvent : Event {
  constructor(DOMString type, optional ExtendableEventInit eventInitDict = {});
  undefined waitUntil(Promise<any> f);
};
dictionary ExtendableEventInit : EventInit {
};

// `Request` and `Response` are not generated: where the standard names them, `any` is checked by hand.
[Exposed=ServiceWorker]
interface FetchEvent : ExtendableEvent {
  constructor(DOMString type, FetchEventInit eventInitDict);
  [SameObject] readonly attribute any request;
  readonly attribute DOMString clientId;
  readonly attribute DOMString resultingClientId;
  readonly attribute Promise<undefined> handled;
  undefined respondWith(Promise<any> r);
};
dictionary FetchEventInit : ExtendableEventInit {
  required any request;
  DOMString clientId = "";
  DOMString resultingClientId = "";
  Promise<undefined> handled;
};

[Exposed=ServiceWorker]
interface ExtendableMessageEvent : ExtendableEvent {
  constructor(DOMString type, optional ExtendableMessageEventInit eventInitDict = {});
  readonly attribute any data;
  readonly attribute USVString origin;
  readonly attribute DOMString lastEventId;
  [SameObject] readonly attribute any source;
  [SameObject] readonly attribute any ports;
};
dictionary ExtendableMessageEventInit : ExtendableEventInit {
  any data = null;
  USVString origin = "";
  DOMString lastEventId = "";
  (Client or ServiceWorker or MessagePort)? source = null;
  sequence<MessagePort> ports = [];
};
