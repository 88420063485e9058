import * as AbortController from "../gen/AbortController.js";
import * as AbortSignal from "../gen/AbortSignal.js";
import * as Cache from "../gen/Cache.js";
import * as CacheStorage from "../gen/CacheStorage.js";
import * as Client from "../gen/Client.js";
import * as Clients from "../gen/Clients.js";
import * as CustomEvent from "../gen/CustomEvent.js";
import * as ErrorEvent from "../gen/ErrorEvent.js";
import * as Event from "../gen/Event.js";
import * as EventTarget from "../gen/EventTarget.js";
import * as ExtendableEvent from "../gen/ExtendableEvent.js";
import * as ExtendableMessageEvent from "../gen/ExtendableMessageEvent.js";
import * as FetchEvent from "../gen/FetchEvent.js";
import * as MessageChannel from "../gen/MessageChannel.js";
import * as MessageEvent from "../gen/MessageEvent.js";
import * as MessagePort from "../gen/MessagePort.js";
import * as Navigator from "../gen/Navigator.js";
import * as Notification from "../gen/Notification.js";
import * as NotificationEvent from "../gen/NotificationEvent.js";
import * as PeriodicSyncEvent from "../gen/PeriodicSyncEvent.js";
import * as PeriodicSyncManager from "../gen/PeriodicSyncManager.js";
import * as Permissions from "../gen/Permissions.js";
import * as PermissionStatus from "../gen/PermissionStatus.js";
import * as PromiseRejectionEvent from "../gen/PromiseRejectionEvent.js";
import * as ServiceWorker from "../gen/ServiceWorker.js";
import * as ServiceWorkerContainer from "../gen/ServiceWorkerContainer.js";
import * as ServiceWorkerRegistration from "../gen/ServiceWorkerRegistration.js";
import * as SharedWorker from "../gen/SharedWorker.js";
import * as SyncEvent from "../gen/SyncEvent.js";
import * as SyncManager from "../gen/SyncManager.js";
import * as WindowClient from "../gen/WindowClient.js";
import * as Worker from "../gen/Worker.js";
import * as WorkerNavigator from "../gen/WorkerNavigator.js";
import { intrinsics } from "./intrinsics.js";
import { options } from "./natives.js";

const exposedTo = {
  Window: ["Window"],
  DedicatedWorker: ["Worker", "DedicatedWorker"],
  SharedWorker: ["Worker", "SharedWorker"],
  ServiceWorker: ["Worker", "ServiceWorker"],
};

// Parents first.
const interfaces = [
  Event, EventTarget, CustomEvent, ErrorEvent, PromiseRejectionEvent, AbortSignal, AbortController, MessageEvent,
  MessageChannel, MessagePort, Worker, SharedWorker, Permissions, PermissionStatus, Navigator, WorkerNavigator,
];

// These are there in secure contexts only.
const secureInterfaces = [
  Notification, ServiceWorker, SyncManager, ServiceWorkerRegistration, ServiceWorkerContainer, Client, WindowClient,
  Clients, ExtendableEvent, ExtendableMessageEvent, FetchEvent, NotificationEvent, SyncEvent, PeriodicSyncManager,
  PeriodicSyncEvent, Cache, CacheStorage,
];

/** What an engine without background sync has not. */
const backgroundSync = [SyncManager, SyncEvent, PeriodicSyncManager, PeriodicSyncEvent];

const remove = (holder, name) => delete holder.prototype[name];

/** Installs what is exposed in this kind of global. */
export function installInterfaces() {
  const names = exposedTo[options.kind];
  const all = options.secure ? [...interfaces, ...secureInterfaces] : interfaces;
  const missing = options.background_sync ? [] : backgroundSync;
  for (const each of all) if (!missing.includes(each)) each.install(intrinsics, names);
  if (options.kind !== "Window" && options.secure) delete intrinsics.Notification.requestPermission;
  if (!options.secure) remove(intrinsics.Navigator ?? intrinsics.WorkerNavigator, "serviceWorker");
  if (missing.length > 0 && options.secure) {
    for (const name of ["sync", "periodicSync"]) remove(intrinsics.ServiceWorkerRegistration, name);
  }
}
