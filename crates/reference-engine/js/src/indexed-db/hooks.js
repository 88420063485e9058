// What the patched fake-indexeddb calls: `patches.mjs` says where.
import FDBVersionChangeEvent from "fake-indexeddb/internal/FDBVersionChangeEvent.js";
import { exception } from "../calls.js";
import { queueTask } from "../timers.js";
import { giveBack, granted, keyOf, lockDatabase, passShare, share, shared, unlockDatabase } from "./lease.js";
import { commitDeletion, commitTransaction } from "./commits.js";
import { databases } from "./parts.js";

export { touched, tracked } from "./touched.js";

// ---- transactions

/** Whether a transaction may start now; if not, `retry` runs when it may. */
export const mayStart = (transaction, retry) => share(transaction, retry);

/** Commits durably; if that fails, the transaction has been aborted and the answer is false. */
export function commit(transaction) {
  const why = commitTransaction(transaction);
  if (why === null) return true;
  transaction._abort(why.name);
  transaction.error = exception(why); // with its message
  return false;
}

const afterTransaction = new Set();

/** A transaction has finished, one way or the other, and undone what it must undo. */
export function transactionEnded(transaction) {
  giveBack(transaction);
  const ready = [...afterTransaction];
  afterTransaction.clear();
  for (const step of ready) queueTask(step);
}

/** Runs `step` when some transaction has ended: polling would hold virtual time still. */
export const whenTransactionEnds = (step) => afterTransaction.add(step);

// ---- connections

const afterClose = new Set();

/** Runs `step` when some connection has closed, here or in another realm. */
export const whenConnectionsChange = (step) => afterClose.add(step);

function connectionsChanged() {
  const ready = [...afterClose];
  afterClose.clear();
  for (const step of ready) queueTask(step);
  eventsFired();
}

/** Tells the other realms how many connections this one has to a database. */
export function countConnections(name) {
  shared("connections", { database: keyOf(name), count: databases.get(name)?.connections.length ?? 0 });
  connectionsChanged();
}

/** The other realms that have a database open, each standing as one connection. */
export function remoteConnections(name) {
  const database = keyOf(name);
  const connected = () => shared("othersConnected", { database });
  return connected().map((seat) => ({
    _closePending: false,
    get _closed() {
      return !connected().includes(seat);
    },
    dispatchEvent({ oldVersion, newVersion }) {
      unfired.add(`${seat} ${database}`);
      shared("versionChange", { seat, database, old: oldVersion, new: newVersion });
    },
  }));
}

const unfired = new Set(); // versionchange events on their way to other realms
const afterFiring = new Set();

/** Runs `step` as a task when every `versionchange` event of a database has been fired, in other realms too. */
export function afterVersionChange(name, step) {
  const database = keyOf(name);
  const attempt = () => {
    const there = new Set(shared("othersConnected", { database }).map((seat) => `${seat} ${database}`));
    for (const event of unfired) if (event.endsWith(` ${database}`) && !there.has(event)) unfired.delete(event);
    if ([...unfired].some((event) => there.has(event))) afterFiring.add(attempt);
    else step();
  };
  queueTask(attempt);
}

function eventsFired() {
  const ready = [...afterFiring];
  afterFiring.clear();
  for (const attempt of ready) queueTask(attempt);
}

// ---- opening, upgrading, deleting

const queues = new Map();

/** Runs opens and deletions of one database one after the other, in all realms. */
export function inConnectionQueue(name, task) {
  const before = queues.get(name);
  queues.set(name, runInQueue(name, task, before));
}

async function runInQueue(name, task, before) {
  await before;
  await lockDatabase(name);
  try {
    const opening = {};
    await new Promise((resolve) => {
      const attempt = () => {
        if (share(opening, attempt)) resolve();
      };
      attempt();
    });
    const done = task();
    countConnections(name);
    giveBack(opening);
    await done;
  } finally {
    countConnections(name);
    unlockDatabase(name);
  }
}

/** An upgrade changes the database as soon as its event fires, before its transaction starts. */
export const mayUpgrade = (connection, retry) => share(connection, retry);

/** From here on the upgrade's transaction holds the share. */
export const upgradeBegins = (connection, transaction) => passShare(connection, transaction);

/** Deletes a database that nobody has open any more. */
export function deleteDatabase(name, done) {
  const deletion = {};
  const attempt = () => {
    if (!share(deletion, attempt)) return;
    const why = commitDeletion(name);
    if (why === null) databases.delete(name);
    giveBack(deletion);
    done(why === null ? null : exception(why));
  };
  attempt();
}

// ---- from other realms

function versionChange({ database, from, old: oldVersion, new: newVersion }) {
  const [name] = JSON.parse(database);
  for (const connection of databases.get(name)?.connections.slice() ?? []) {
    if (connection._closed || connection._closePending) continue;
    queueTask(() => connection.dispatchEvent(new FDBVersionChangeEvent("versionchange", { oldVersion, newVersion })));
  }
  queueTask(() => shared("versionChangeFired", { seat: from, database }));
}

/** What the shared side tells this realm. */
export function deliver(json) {
  for (const notice of JSON.parse(json)) {
    if (notice.notice === "granted") granted(notice.lock);
    else if (notice.notice === "versionChange") versionChange(notice);
    else if (notice.notice === "versionChangeFired") {
      unfired.delete(`${notice.by} ${notice.database}`);
      eventsFired();
    } else connectionsChanged();
  }
}
