import { fireSimple } from "./simple-events.js";

const watched = new Set(); // of weak references
const listened = new Set();
const gone = new FinalizationRegistry((status) => watched.delete(status));

/** Keeps a status object up to date for as long as a script holds it. */
export function watchPermission(status) {
  const weak = new WeakRef(status);
  watched.add(weak);
  gone.register(status, weak);
}

/** Somebody listens: the object stays for as long as the realm lives, held or not. */
export const keepPermission = (status) => listened.add(status);

/** The engine's news of a permission. */
export function permissionChanged(name, state) {
  for (const weak of watched) {
    const status = weak.deref();
    if (status === undefined || status.name !== name || status.state === state) continue;
    status.state = state;
    fireSimple(status, "change");
  }
}
