import Database from "fake-indexeddb/internal/lib/Database.js";
import Index from "fake-indexeddb/internal/lib/Index.js";
import ObjectStore from "fake-indexeddb/internal/lib/ObjectStore.js";
import RecordStore from "fake-indexeddb/internal/lib/RecordStore.js";
import { natives } from "../natives.js";
import { decode, encode } from "../codec.js";
import { toJson } from "../json.js";
import { keyOf, onLease, shared } from "./lease.js";

/** This realm's databases by name; fake-indexeddb's own map. */
export const databases = new Map();

const texts = new Map(); // what is committed, by part key
const recordTexts = new WeakMap(); // of records, which are replaced and never changed
let generation = 0;

// ---- out: what a transaction changed

function recordText(record) {
  let text = recordTexts.get(record);
  if (text === undefined) {
    text = `[${encode(record.key)},${encode(record.value)}]`;
    recordTexts.set(record, text);
  }
  return text;
}

function storeText(store) {
  const records = [];
  for (const record of store.records.values()) records.push(recordText(record));
  return `{"next":${store.keyGenerator?.num ?? 0},"records":[${records.join(",")}]}`;
}

const schemaText = (database) => toJson({
  version: database.version,
  stores: [...database.rawObjectStores.values()].map((store) => ({
    name: store.name,
    keyPath: store.keyPath,
    autoIncrement: store.autoIncrement,
    indexes: [...store.rawIndexes.values()].map(({ name, keyPath, multiEntry, unique }) => ({
      name, keyPath, multiEntry, unique,
    })),
  })),
});

function send(changes) {
  if (changes.length === 0) return null;
  const { Ok: next, Err: why } = shared("commit", { changes });
  if (why !== undefined) {
    natives.log("error", `IndexedDB could not be written: ${why}`, "", 0);
    return why;
  }
  generation = next;
  for (const [key, text] of changes) {
    if (text === null) texts.delete(key);
    else texts.set(key, text);
  }
  return null;
}

const partsOf = (name) => [...texts.keys()].filter((key) => JSON.parse(key)[0] === name);

/** Stores what a finished transaction changed; why not, or null. */
export function commitTransaction(transaction) {
  if (transaction.mode === "readonly" || transaction._rollbackLog.length === 0) return null;
  const database = transaction.db._rawDatabase;
  const upgrade = transaction.mode === "versionchange";
  const parts = new Map();
  if (upgrade) parts.set(keyOf(database.name), schemaText(database));
  for (const [name, store] of database.rawObjectStores) {
    if (upgrade || transaction._scope.has(name)) parts.set(keyOf(database.name, name), storeText(store));
  }
  const gone = upgrade ? partsOf(database.name).filter((key) => !parts.has(key)) : [];
  const changed = [...parts].filter(([key, text]) => texts.get(key) !== text);
  return send([...changed, ...gone.map((key) => [key, null])]);
}

/** Stores that a database is gone; why not, or null. */
export const commitDeletion = (name) => send(partsOf(name).map((key) => [key, null]));

// ---- in: what other realms changed

const same = (a, b) => toJson(a) === toJson(b);

/** Keeps raw objects whose shape is unchanged: transactions that wait to start hold on to them. */
function applySchema(name, { version, stores }) {
  const database = databases.get(name) ?? new Database(name, 0);
  databases.set(name, database);
  database.version = version;
  const before = new Map(database.rawObjectStores);
  database.rawObjectStores.clear();
  for (const { name: storeName, keyPath, autoIncrement, indexes } of stores) {
    const old = before.get(storeName);
    const kept = old !== undefined && same([old.keyPath, old.autoIncrement], [keyPath, autoIncrement]);
    const store = kept ? old : new ObjectStore(database, storeName, keyPath, autoIncrement);
    if (kept) before.delete(storeName);
    database.rawObjectStores.set(storeName, store);
    applyIndexes(store, indexes);
  }
  for (const store of before.values()) store.deleted = true;
}

function applyIndexes(store, indexes) {
  const before = new Map(store.rawIndexes);
  store.rawIndexes.clear();
  for (const { name, keyPath, multiEntry, unique } of indexes) {
    const old = before.get(name);
    const kept = old !== undefined && same([old.keyPath, old.multiEntry, old.unique], [keyPath, multiEntry, unique]);
    const index = kept ? old : new Index(store, name, keyPath, multiEntry, unique);
    if (kept) before.delete(name);
    index.initialized = true;
    store.rawIndexes.set(name, index);
  }
  for (const index of before.values()) index.deleted = true;
}

function applyRecords(store, text) {
  const { next, records } = JSON.parse(text);
  if (store.keyGenerator !== null) store.keyGenerator.num = next;
  store.records = new RecordStore(true);
  for (const index of store.rawIndexes.values()) index.records = new RecordStore(index.unique);
  for (const [key, value] of records) {
    const record = { key: decode(key), value: decode(value) };
    store.records.put(record);
    for (const index of store.rawIndexes.values()) index.storeRecord(record);
  }
}

function forget(keys) {
  const there = new Set(keys);
  for (const key of texts.keys()) {
    if (there.has(key)) continue;
    texts.delete(key);
    const [name, storeName] = JSON.parse(key);
    if (storeName === undefined) databases.delete(name);
  }
}

/** Takes over what others have committed since this realm last held the lease. */
onLease(() => {
  const changes = shared("load", { since: generation });
  if (changes === null) return;
  generation = changes.generation;
  forget(changes.keys);
  const changed = changes.changed.map(([key, text]) => [JSON.parse(key), text, texts.set(key, text)]);
  const reshaped = new Set();
  for (const [[name, storeName], text] of changed) {
    if (storeName !== undefined) continue;
    applySchema(name, JSON.parse(text));
    reshaped.add(name);
  }
  for (const [key, text] of texts) {
    const [name, storeName] = JSON.parse(key);
    if (storeName === undefined) continue;
    const anew = reshaped.has(name) || changed.some(([[n, s]]) => n === name && s === storeName);
    if (anew) applyRecords(databases.get(name).rawObjectStores.get(storeName), text);
  }
});
