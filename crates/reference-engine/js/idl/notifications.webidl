// Notifications.
[Exposed=(Window,Worker)]
interface Notification : EventTarget {
  constructor(DOMString title, optional NotificationOptions options = {});
  static readonly attribute NotificationPermission permission;
  [NewObject] static Promise<NotificationPermission> requestPermission();
  readonly attribute DOMString title;
  readonly attribute DOMString body;
  readonly attribute DOMString tag;
  readonly attribute USVString icon;
  readonly attribute boolean requireInteraction;
  readonly attribute boolean silent;
  readonly attribute any data;
  [SameObject] readonly attribute any actions;
  undefined close();
  attribute EventHandler onclick;
  attribute EventHandler onshow;
  attribute EventHandler onclose;
  attribute EventHandler onerror;
};
dictionary NotificationOptions {
  DOMString body = "";
  DOMString tag = "";
  USVString icon = "";
  boolean requireInteraction = false;
  boolean renotify = false;
  boolean silent = false;
  any data = null;
  sequence<NotificationAction> actions = [];
};
dictionary NotificationAction {
  required DOMString action;
  required DOMString title;
};
enum NotificationPermission { "default", "denied", "granted" };

partial interface ServiceWorkerRegistration {
  [NewObject] Promise<undefined> showNotification(DOMString title, optional NotificationOptions options = {});
  [NewObject] Promise<sequence<Notification>> getNotifications(optional GetNotificationOptions filter = {});
};
dictionary GetNotificationOptions {
  DOMString tag = "";
};

[Exposed=ServiceWorker]
interface NotificationEvent : ExtendableEvent {
  constructor(DOMString type, NotificationEventInit eventInitDict);
  readonly attribute Notification notification;
  readonly attribute DOMString action;
};
dictionary NotificationEventInit : ExtendableEventInit {
  required Notification notification;
  DOMString action = "";
};
