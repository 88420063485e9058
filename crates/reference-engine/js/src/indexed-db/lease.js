import { toJson } from "../json.js";
import { natives } from "../natives.js";
import { queueTask } from "../timers.js";

// The lock that lets this realm's transactions run, and the locks on database names. See `indexed_db` in Rust.
const TRANSACTIONS = "transactions";

/** Asks the shared side; see `request.rs`. */
export const shared = (op, fields) => JSON.parse(natives.storage(toJson({ op, ...fields })));

/** A database's name as shared text: any DOMString, lone surrogates included. */
export const keyOf = (...names) => toJson(names);

const holders = new Set();
const waiting = new Set();
let held = false;
let asked = false;
let fresh = false;
let takeOver = () => {};

/** Sets what brings this realm's copy up to date; it runs each time the lease is got. */
export function onLease(refresh) {
  takeOver = refresh;
}

function got() {
  asked = false;
  held = true;
  takeOver();
}

/** True if the lease is ours to use now. After a turn of ours, others who wait go first. */
function available() {
  if (held) return fresh || !shared("contended", { lock: TRANSACTIONS });
  if (asked) return false;
  asked = true;
  if (!shared("lock", { lock: TRANSACTIONS })) return false;
  got();
  return true;
}

/** Takes a share of the lease for `holder`; if there is none to have, false, and `retry` runs when there is. */
export function share(holder, retry) {
  if (holders.has(holder)) return true;
  if (!available()) {
    waiting.add(retry);
    return false;
  }
  holders.add(holder);
  return true;
}

/** Gives `from`'s share to `to`. */
export function passShare(from, to) {
  holders.add(to);
  holders.delete(from);
}

/** Gives a share back; the last one gives the lease back. */
export function giveBack(holder) {
  holders.delete(holder);
  if (!held || holders.size > 0) return;
  held = false;
  shared("unlock", { lock: TRANSACTIONS });
  if (waiting.size > 0 && available()) begin();
}

/** Runs all that waited; what they queue as tasks still finds the lease. */
function begin() {
  const turn = {};
  holders.add(turn);
  fresh = true;
  const ready = [...waiting];
  waiting.clear();
  for (const retry of ready) retry();
  queueTask(() => {
    fresh = false;
    giveBack(turn);
  });
}

const lockWaiters = new Map();

/** Resolves when this realm has the lock on a database's name. Within a realm, callers queue for it themselves. */
export function lockDatabase(name) {
  const lock = keyOf("database", name);
  return new Promise((resolve) => {
    if (shared("lock", { lock })) resolve();
    else lockWaiters.set(lock, resolve);
  });
}

export const unlockDatabase = (name) => shared("unlock", { lock: keyOf("database", name) });

/** A lock that another realm has given up is now ours. */
export function granted(lock) {
  if (lock === TRANSACTIONS) {
    got();
    begin();
    return;
  }
  const resolve = lockWaiters.get(lock);
  lockWaiters.delete(lock);
  resolve?.();
}
