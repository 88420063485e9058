import Database from "fake-indexeddb/internal/lib/Database.js";
import Index from "fake-indexeddb/internal/lib/Index.js";
import ObjectStore from "fake-indexeddb/internal/lib/ObjectStore.js";
import RecordStore from "fake-indexeddb/internal/lib/RecordStore.js";
import { decode } from "../codec.js";
import { toJson } from "../json.js";
import { keyOf, onLease, shared } from "./lease.js";
import { committed, databases, note, noteText, partsOf } from "./parts.js";
import { settled, tracked } from "./touched.js";

// What other realms have committed.

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

/** Empties the stores of a database, and gives all their parts. */
function empty(name) {
  for (const store of databases.get(name).rawObjectStores.values()) {
    store.records = tracked(new RecordStore(true));
    for (const index of store.rawIndexes.values()) index.records = new RecordStore(index.unique);
  }
  return partsOf(name).filter((key) => key !== keyOf(name)).map((key) => [JSON.parse(key), committed.texts.get(key)]);
}

function removeRecord(store, key) {
  for (const record of store.records.delete(key)) {
    for (const index of store.rawIndexes.values()) index.deleteRecord(record);
  }
}

function addRecord(store, text) {
  const [key, value] = JSON.parse(text);
  const record = { key: decode(key), value: decode(value) };
  noteText(record, text);
  store.records.put(record);
  for (const index of store.rawIndexes.values()) index.storeRecord(record);
}

/** Parts of object stores. What goes makes room first, in unique indexes too. */
function apply(parts) {
  const stores = new Set();
  const records = [];
  for (const [[name, storeName, ...keys], text] of parts) {
    const store = databases.get(name)?.rawObjectStores.get(storeName);
    if (store === undefined) continue; // gone with its database, or by its schema
    stores.add(store);
    if (keys.length > 0) records.push([store, decode(keys[0]), text]);
    else if (store.keyGenerator !== null && text !== null) store.keyGenerator.num = JSON.parse(text).next;
  }
  for (const [store, key] of records) removeRecord(store, key);
  for (const [store, , text] of records) if (text !== null) addRecord(store, text);
  for (const store of stores) settled(store.records);
}

/** Takes over what others have committed since this realm last held the lease. */
onLease(() => {
  const changes = shared("load", { since: committed.generation });
  if (changes === null) return;
  committed.generation = changes.generation;
  if (changes.whole) {
    const there = new Set(changes.changed.map(([key]) => key));
    for (const key of committed.texts.keys()) if (!there.has(key)) changes.changed.push([key, null]);
  }
  const changed = changes.changed.filter(([key, text]) => (committed.texts.get(key) ?? null) !== text);
  for (const [key, text] of changed) note(key, text);
  const parts = changed.map(([key, text]) => [JSON.parse(key), text]);
  const reshaped = new Set();
  for (const [[name, ...rest], text] of parts) {
    if (rest.length > 0) continue;
    if (text === null) {
      databases.delete(name);
    } else {
      applySchema(name, JSON.parse(text));
      reshaped.add(name);
    }
  }
  // An index that is new or another one is filled from all records.
  apply([...reshaped].flatMap(empty));
  apply(parts.filter(([[name, ...rest]]) => rest.length > 0 && !reshaped.has(name)));
});
