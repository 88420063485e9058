// HTML: messages, and workers that are no service workers.
[Exposed=(Window,Worker)]
interface MessageEvent : Event {
  constructor(DOMString type, optional MessageEventInit eventInitDict = {});
  readonly attribute any data;
  readonly attribute USVString origin;
  readonly attribute DOMString lastEventId;
  readonly attribute any source;
  readonly attribute any ports;
};
dictionary MessageEventInit : EventInit {
  any data = null;
  USVString origin = "";
  DOMString lastEventId = "";
  (ServiceWorker or MessagePort)? source = null;
  sequence<MessagePort> ports = [];
};

[Exposed=(Window,Worker)]
interface MessageChannel {
  constructor();
  [SameObject] readonly attribute MessagePort port1;
  [SameObject] readonly attribute MessagePort port2;
};

[Exposed=(Window,Worker)]
interface MessagePort : EventTarget {
  undefined postMessage(any message, optional any options);
  undefined start();
  undefined close();
  attribute EventHandler onmessage;
  attribute EventHandler onmessageerror;
};

[Exposed=Window]
interface Worker : EventTarget {
  constructor(USVString scriptURL, optional WorkerOptions options = {});
  undefined terminate();
  undefined postMessage(any message, optional any options);
  attribute EventHandler onmessage;
  attribute EventHandler onmessageerror;
  attribute EventHandler onerror;
};
dictionary WorkerOptions {
  WorkerType type = "classic";
  DOMString name = "";
};
enum WorkerType { "classic", "module" };

[Exposed=Window]
interface SharedWorker : EventTarget {
  constructor(USVString scriptURL, optional (DOMString or WorkerOptions) options);
  readonly attribute MessagePort port;
  attribute EventHandler onerror;
};

[Exposed=(Window,Worker)]
interface ErrorEvent : Event {
  constructor(DOMString type, optional ErrorEventInit eventInitDict = {});
  readonly attribute DOMString message;
  readonly attribute USVString filename;
  readonly attribute unsigned long lineno;
  readonly attribute unsigned long colno;
  readonly attribute any error;
};
dictionary ErrorEventInit : EventInit {
  DOMString message = "";
  USVString filename = "";
  unsigned long lineno = 0;
  unsigned long colno = 0;
  any error;
};

[Exposed=(Window,Worker)]
interface PromiseRejectionEvent : Event {
  constructor(DOMString type, PromiseRejectionEventInit eventInitDict);
  readonly attribute object promise;
  readonly attribute any reason;
};
dictionary PromiseRejectionEventInit : EventInit {
  required object promise;
  any reason;
};
