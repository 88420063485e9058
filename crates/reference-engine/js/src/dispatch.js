import * as ExtendableEvent from "../gen/ExtendableEvent.js";
import * as ExtendableMessageEvent from "../gen/ExtendableMessageEvent.js";
import * as NotificationEvent from "../gen/NotificationEvent.js";
import * as PeriodicSyncEvent from "../gen/PeriodicSyncEvent.js";
import * as SyncEvent from "../gen/SyncEvent.js";
import { implForWrapper } from "../gen/utils.js";
import { messageInit } from "../impl/MessagePort-impl.js";
import { ambient } from "./ambient.js";
import { tell } from "./calls.js";
import { clientFrom } from "./clients.js";
import { intrinsics } from "./intrinsics.js";
import { receive } from "./messages.js";
import { natives } from "./natives.js";
import { notificationFrom } from "./notifications.js";
import { workerFor } from "./registrations.js";
import { fireSimple, plain } from "./simple-events.js";
import { fromCrossing } from "./units.js";

/** Microtasks run between listeners: nothing else is on the stack when the engine fires. */
const checkpoint = () => natives.checkpoint();

/** Fires a functional event and tells the engine when it has ended; `dispatched` runs when all listeners have. */
export function fireExtendable(target, eventId, event, dispatched = () => {}) {
  event.onSettled = (rejection) => {
    const outcome = rejection === null ? { result: "fulfilled" } : { result: "rejected", reason: rejection.reason };
    tell({ call: "eventSettled", event_id: eventId, outcome });
  };
  target.fireTrusted(event, checkpoint);
  dispatched();
  event.settleIfIdle();
}

export const dispatchLifecycle = (target) => (eventId, type) => {
  fireExtendable(target, eventId, ExtendableEvent.createImpl(intrinsics, [type, plain]));
};

export const dispatchSync = (target) => (eventId, tag, lastChance) => {
  const init = { ...plain, tag: fromCrossing(JSON.parse(tag)), lastChance };
  fireExtendable(target, eventId, SyncEvent.createImpl(intrinsics, ["sync", init]));
};

export const dispatchPeriodicSync = (target) => (eventId, tag) => {
  const init = { ...plain, tag: fromCrossing(JSON.parse(tag)) };
  fireExtendable(target, eventId, PeriodicSyncEvent.createImpl(intrinsics, ["periodicsync", init]));
};

/** Who sent a message, as the receiver's objects show it. */
function sourceOf(source) {
  if (source === null) return null;
  return source.client === undefined ? workerFor(source.worker) : implForWrapper(clientFrom(source.client));
}

export const dispatchMessage = (target) => (eventId, json) => {
  const { message, origin, source } = JSON.parse(json);
  const { type, data, ports } = receive(message);
  const init = messageInit(data, ports, origin, sourceOf(source));
  fireExtendable(target, eventId, ExtendableMessageEvent.createImpl(intrinsics, [type, init]));
};

export const dispatchNotification = (target) => (eventId, type, json, action) => {
  const init = { ...plain, notification: implForWrapper(notificationFrom(JSON.parse(json))), action };
  fireExtendable(target, eventId, NotificationEvent.createImpl(intrinsics, [type, init]));
};

export const setOnline = (target) => (online) => {
  if (ambient.onLine === online) return;
  ambient.onLine = online;
  fireSimple(target, online ? "online" : "offline", checkpoint);
};
