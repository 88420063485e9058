// First: the package's files import each other in circles that are sound only when entered here.
import FDBFactory from "fake-indexeddb/internal/FDBFactory.js";
import FDBCursor from "fake-indexeddb/internal/FDBCursor.js";
import FDBCursorWithValue from "fake-indexeddb/internal/FDBCursorWithValue.js";
import FDBDatabase from "fake-indexeddb/internal/FDBDatabase.js";
import FDBIndex from "fake-indexeddb/internal/FDBIndex.js";
import FDBKeyRange from "fake-indexeddb/internal/FDBKeyRange.js";
import FDBObjectStore from "fake-indexeddb/internal/FDBObjectStore.js";
import FDBOpenDBRequest from "fake-indexeddb/internal/FDBOpenDBRequest.js";
import FDBRequest from "fake-indexeddb/internal/FDBRequest.js";
import FDBTransaction from "fake-indexeddb/internal/FDBTransaction.js";
import FDBVersionChangeEvent from "fake-indexeddb/internal/FDBVersionChangeEvent.js";
import { giveBack, share } from "./lease.js";
import { databases } from "./parts.js";
import "./takeover.js";

export { deliver } from "./hooks.js";

/** The interfaces, under the names scripts know them by. */
export const interfaces = {
  IDBCursor: FDBCursor,
  IDBCursorWithValue: FDBCursorWithValue,
  IDBDatabase: FDBDatabase,
  IDBFactory: FDBFactory,
  IDBIndex: FDBIndex,
  IDBKeyRange: FDBKeyRange,
  IDBObjectStore: FDBObjectStore,
  IDBOpenDBRequest: FDBOpenDBRequest,
  IDBRequest: FDBRequest,
  IDBTransaction: FDBTransaction,
  IDBVersionChangeEvent: FDBVersionChangeEvent,
};
for (const [name, each] of Object.entries(interfaces)) {
  Object.defineProperty(each, "name", { value: name, configurable: true });
}

const list = FDBFactory.prototype.databases;

/** The list as of the newest commit, not of the last time this realm looked. */
FDBFactory.prototype.databases = function databases() {
  const look = {};
  return new Promise((resolve) => {
    const attempt = () => {
      if (!share(look, attempt)) return;
      resolve(Reflect.apply(list, this, []));
      giveBack(look);
    };
    attempt();
  });
};

export const indexedDB = new FDBFactory();
indexedDB._databases = databases;
