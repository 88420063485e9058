import * as Event from "../gen/Event.js";
import * as ExtendableEvent from "../gen/ExtendableEvent.js";
import * as SyncEvent from "../gen/SyncEvent.js";
import { ambient } from "./ambient.js";
import { tell } from "./calls.js";
import { intrinsics } from "./intrinsics.js";
import { natives } from "./natives.js";
import { fromUnits } from "./units.js";

const plain = { bubbles: false, cancelable: false, composed: false };

/** Fires at `target`; microtasks run between listeners, as nothing else is on the stack. */
function fireTrusted(target, event) {
  event.isTrusted = true;
  target.fire(event, () => natives.checkpoint());
}

function fireExtendable(target, eventId, event) {
  event.onSettled = (rejection) => {
    const outcome = rejection === null ? { result: "fulfilled" } : { result: "rejected", reason: rejection.reason };
    tell({ call: "eventSettled", event_id: eventId, outcome });
  };
  fireTrusted(target, event);
  event.settleIfIdle();
}

export const dispatchLifecycle = (target) => (eventId, type) => {
  fireExtendable(target, eventId, ExtendableEvent.createImpl(intrinsics, [type, plain]));
};

export const dispatchSync = (target) => (eventId, tag, lastChance) => {
  const init = { ...plain, tag: fromUnits(tag), lastChance };
  fireExtendable(target, eventId, SyncEvent.createImpl(intrinsics, ["sync", init]));
};

export const setOnline = (target) => (online) => {
  if (ambient.onLine === online) return;
  ambient.onLine = online;
  fireTrusted(target, Event.createImpl(intrinsics, [online ? "online" : "offline", plain]));
};
