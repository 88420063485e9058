import { encode } from "../codec.js";
import { natives } from "../natives.js";
import { keyOf, shared } from "./lease.js";
import { committed, note, partsOf, recordKey, recordText, schemaText, storeText } from "./parts.js";
import { settled, touchedKeys } from "./touched.js";

/** What is different from what is committed. */
const different = (parts) => [...parts].filter(([key, text]) => (committed.texts.get(key) ?? null) !== text);

function send(changes) {
  if (changes.length === 0) return null;
  const { Ok: generation, Err: why } = shared("commit", { changes });
  if (why !== undefined) {
    natives.log("error", why.message, "", 0);
    return why;
  }
  committed.generation = generation;
  for (const [key, text] of changes) note(key, text);
  return null;
}

/** All parts of a database. */
function allParts(database) {
  const parts = new Map([[keyOf(database.name), schemaText(database)]]);
  for (const [name, store] of database.rawObjectStores) {
    parts.set(keyOf(database.name, name), storeText(store));
    for (const record of store.records.values()) {
      parts.set(recordKey(database.name, name, encode(record.key)), recordText(record));
    }
  }
  return parts;
}

/** The parts of a store that a transaction may have changed. */
function touchedParts(database, name, store) {
  const parts = new Map([[keyOf(database.name, name), storeText(store)]]);
  for (const [keyText, key] of touchedKeys(store.records)) {
    const record = store.records.get(key);
    // A key may be written in two ways, as -0 is; the record has one of them.
    const there = record !== undefined && encode(record.key) === keyText;
    parts.set(recordKey(database.name, name, keyText), there ? recordText(record) : null);
  }
  return parts;
}

/** Stores what a finished transaction changed; why not, or null. */
export function commitTransaction(transaction) {
  if (transaction.mode === "readonly" || transaction._rollbackLog.length === 0) return null;
  const database = transaction.db._rawDatabase;
  if (transaction.mode === "versionchange") return commitUpgrade(database);
  const stores = [...database.rawObjectStores].filter(([name]) => transaction._scope.has(name));
  const why = send(stores.flatMap(([name, store]) => different(touchedParts(database, name, store))));
  if (why === null) for (const [, store] of stores) settled(store.records);
  return why;
}

/** An upgrade may change everything, names included. */
function commitUpgrade(database) {
  const parts = allParts(database);
  const gone = partsOf(database.name).filter((key) => !parts.has(key));
  const why = send([...different(parts), ...gone.map((key) => [key, null])]);
  if (why === null) for (const store of database.rawObjectStores.values()) settled(store.records);
  return why;
}

/** Stores that a database is gone; why not, or null. */
export const commitDeletion = (name) => send(partsOf(name).map((key) => [key, null]));
