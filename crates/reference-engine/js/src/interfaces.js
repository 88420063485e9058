import * as AbortController from "../gen/AbortController.js";
import * as AbortSignal from "../gen/AbortSignal.js";
import * as Client from "../gen/Client.js";
import * as Clients from "../gen/Clients.js";
import * as CustomEvent from "../gen/CustomEvent.js";
import * as Event from "../gen/Event.js";
import * as EventTarget from "../gen/EventTarget.js";
import * as ExtendableEvent from "../gen/ExtendableEvent.js";
import * as Navigator from "../gen/Navigator.js";
import * as ServiceWorker from "../gen/ServiceWorker.js";
import * as ServiceWorkerContainer from "../gen/ServiceWorkerContainer.js";
import * as ServiceWorkerRegistration from "../gen/ServiceWorkerRegistration.js";
import * as SyncEvent from "../gen/SyncEvent.js";
import * as SyncManager from "../gen/SyncManager.js";
import * as WorkerNavigator from "../gen/WorkerNavigator.js";
import { intrinsics } from "./intrinsics.js";
import { options } from "./natives.js";

const exposedTo = { Window: ["Window"], ServiceWorker: ["Worker", "ServiceWorker"] };

// Parents first.
const interfaces = [
  Event, EventTarget, CustomEvent, AbortSignal, AbortController, ServiceWorker, SyncManager, ServiceWorkerRegistration,
  ServiceWorkerContainer, Navigator, WorkerNavigator, Client, Clients, ExtendableEvent, SyncEvent,
];

/** Installs what is exposed in this kind of global. */
export function installInterfaces() {
  for (const each of interfaces) each.install(intrinsics, exposedTo[options.kind]);
}
