import * as ServiceWorker from "../gen/ServiceWorker.js";
import * as ServiceWorkerRegistration from "../gen/ServiceWorkerRegistration.js";
import * as Event from "../gen/Event.js";
import { implForWrapper } from "../gen/utils.js";
import { intrinsics } from "./intrinsics.js";

const byScope = new Map();

/** The one registration object of a scope, brought up to date with what the engine says. */
export function registrationFor(info) {
  let registration = byScope.get(info.scope);
  if (registration === undefined) {
    registration = ServiceWorkerRegistration.create(intrinsics, [], { scope: info.scope });
    byScope.set(info.scope, registration);
  }
  const impl = implForWrapper(registration);
  const known = [impl.installing, impl.waiting, impl.active];
  for (const slot of ["installing", "waiting", "active"]) {
    impl[slot] = info[slot] === null ? null : worker(known, info[slot]);
  }
  return registration;
}

/** The object of a worker: the same one as it moves from slot to slot. */
function worker(known, { script_url: scriptURL, state }) {
  const same = known.find((candidate) => candidate !== null && candidate.scriptURL === scriptURL);
  if (same === undefined) return ServiceWorker.createImpl(intrinsics, [], { scriptURL, state });
  if (same.state !== state) {
    same.state = state;
    const event = Event.createImpl(intrinsics, ["statechange", { bubbles: false, cancelable: false, composed: false }]);
    event.isTrusted = true;
    same.fire(event);
  }
  return same;
}
