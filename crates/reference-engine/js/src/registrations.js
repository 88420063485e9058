import * as ServiceWorker from "../gen/ServiceWorker.js";
import * as ServiceWorkerRegistration from "../gen/ServiceWorkerRegistration.js";
import { implForWrapper } from "../gen/utils.js";
import { intrinsics } from "./intrinsics.js";
import { fireSimple } from "./simple-events.js";

// The engine numbers registrations and workers; a number is never used twice.
const registrations = new Map();
const workers = new Map();

const SLOTS = ["installing", "waiting", "active"];

/** The one object of a worker, brought up to date; the same one as it moves from slot to slot. */
export function workerFor(info) {
  if (info === null) return null;
  const known = workers.get(info.id);
  if (known === undefined) {
    const made = ServiceWorker.createImpl(intrinsics, [], info);
    workers.set(info.id, made);
    return made;
  }
  if (known.state !== info.state) {
    known.state = info.state;
    fireSimple(known, "statechange");
  }
  if (known.state === "redundant") workers.delete(info.id); // Nothing is heard of it any more.
  return known;
}

/** The one object of a registration, brought up to date with what the engine says. */
export function registrationFor(info) {
  let registration = registrations.get(info.id);
  if (registration === undefined) {
    registration = ServiceWorkerRegistration.create(intrinsics, [], info);
    registrations.set(info.id, registration);
  }
  update(implForWrapper(registration), info);
  return registration;
}

/** Slots first, events then: whoever listens sees all of them moved. */
function update(impl, info) {
  const before = SLOTS.map((slot) => impl[slot]);
  impl.updateViaCache = info.update_via_cache;
  for (const slot of SLOTS) impl[slot] = info[slot] === null ? null : workers.get(info[slot].id) ?? workerFor(info[slot]);
  for (const slot of SLOTS) workerFor(info[slot]);
  const now = SLOTS.map((slot) => impl[slot]);
  for (const worker of before) {
    if (worker !== null && !now.includes(worker)) workerFor({ id: worker.id, state: "redundant" });
  }
}

/** The engine's news of a registration; scripts that never asked for it have no object of it. */
export function registrationChanged(json) {
  const { registration: info, update_found: found } = JSON.parse(json);
  const registration = registrations.get(info.id);
  if (registration === undefined) return;
  update(implForWrapper(registration), info);
  if (found) fireSimple(implForWrapper(registration), "updatefound");
  if (SLOTS.every((slot) => info[slot] === null)) registrations.delete(info.id); // Nor of this one.
}
