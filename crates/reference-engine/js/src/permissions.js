import { fireSimple } from "./simple-events.js";

const watched = new Set();

/** Keeps a status object up to date for as long as the realm lives. */
export const watchPermission = (status) => watched.add(status);

/** The engine's news of a permission. */
export function permissionChanged(name, state) {
  for (const status of watched) {
    if (status.name !== name || status.state === state) continue;
    status.state = state;
    fireSimple(status, "change");
  }
}
