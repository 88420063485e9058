import { encode } from "../codec.js";

// What a transaction has changed, so that its commit need not look at what it has not. An undone change counts as one:
// the commit finds that nothing is different.
const touchedIn = new WeakMap(); // for each object store's records: keys by their texts

/** From now on it is known which of these records change. Those of indexes follow from others, and are not tracked. */
export function tracked(records) {
  touchedIn.set(records, new Map());
  return records;
}

/** A record is about to come or go. */
export function touched(records, record) {
  if (record !== undefined) touchedIn.get(records)?.set(encode(record.key), record.key);
}

/** The keys of what came or went, by their texts. */
export const touchedKeys = (records) => touchedIn.get(records);

/** What came or went is committed, or came from a commit. */
export const settled = (records) => touchedIn.get(records).clear();
