import { encode } from "../codec.js";
import { toJson } from "../json.js";
import { keyOf } from "./lease.js";

// A part of what is stored is a database's schema, `[name]`; an object store's next number, `[name, store]`; or a
// record, `[name, store, key]`. See `indexed_db` in Rust.

/** This realm's databases by name; fake-indexeddb's own map. */
export const databases = new Map();

/** What is committed, by part key, as far as this realm has heard; of which generation. */
export const committed = { texts: new Map(), generation: 0 };

/** Notes a part that is committed, or that is gone. */
export function note(key, text) {
  if (text === null) committed.texts.delete(key);
  else committed.texts.set(key, text);
}

const recordTexts = new WeakMap(); // of records, which are replaced and never changed

/** The text of a record. */
export function recordText(record) {
  let text = recordTexts.get(record);
  if (text === undefined) {
    text = `[${encode(record.key)},${encode(record.value)}]`;
    recordTexts.set(record, text);
  }
  return text;
}

/** Notes the text that a record was read from. */
export const noteText = (record, text) => recordTexts.set(record, text);

/** The key of a record's part: `keyText` is its key as the codec writes it. */
export const recordKey = (name, store, keyText) => `${keyOf(name, store).slice(0, -1)},${keyText}]`;

export const storeText = (store) => `{"next":${store.keyGenerator?.num ?? 0}}`;

export const schemaText = (database) => toJson({
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

/** The keys of all parts of a database. */
export function partsOf(name) {
  const whole = keyOf(name);
  const begin = `${whole.slice(0, -1)},`;
  return [...committed.texts.keys()].filter((key) => key === whole || key.startsWith(begin));
}
