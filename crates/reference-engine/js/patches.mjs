// Changes to packages as they are bundled, by exact text: a release that reads otherwise fails the build here.
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

const hooks = resolve("src/indexed-db/hooks.js");
const scheduling = resolve("src/indexed-db/scheduling.js");

/** Of fake-indexeddb: `[what is there, what comes in its place]`, and the hooks that are imported for it. */
const changes = {
  // A commit stores the records that a transaction has touched.
  "lib/ObjectStore.js": {
    imports: ["tracked"],
    edits: [["  records = new RecordStore(true);", "  records = tracked(new RecordStore(true));"]],
  },
  "lib/RecordStore.js": {
    imports: ["touched"],
    edits: [
      ["    return this.records.put(newRecord, noOverwrite);", "    const replaced = this.records.put(newRecord, noOverwrite);\n    touched(this, replaced);\n    touched(this, newRecord);\n    return replaced;"],
      ["      this.records.delete(record);\n    }\n    return deletedRecords;", "      this.records.delete(record);\n      touched(this, record);\n    }\n    return deletedRecords;"],
      ["    this.records = new BinarySearchTree(this.keysAreUnique);\n    return deletedRecords;", "    this.records = new BinarySearchTree(this.keysAreUnique);\n    for (const record of deletedRecords) touched(this, record);\n    return deletedRecords;"],
    ],
  },
  // A transaction starts only while this realm holds the origin's lease.
  "lib/Database.js": {
    imports: ["mayStart"],
    edits: [["if (next) {", "if (next && mayStart(next, this.processTransactions)) {"]],
  },
  // It is durable before `complete`, and gives the lease back when it is over.
  "FDBTransaction.js": {
    imports: ["commit", "countConnections", "transactionEnded"],
    edits: [
      ["      this._markFinished();\n      if (!this.error) {", "      if (!commit(this)) return;\n      this._markFinished();\n      if (!this.error) {"],
      ['    this._state = "finished";\n', '    this._state = "finished";\n    transactionEnded(this);\n'],
      ["transactions.includes(this));\n", "transactions.includes(this));\n        countConnections(this.db._rawDatabase.name);\n"],
    ],
  },
  // Waiting is for something to happen, not a task that queues itself again: virtual time would stand still.
  "lib/closeConnection.js": {
    imports: ["countConnections", "whenTransactionEnds"],
    edits: [
      ["    queueTask(() => {\n      closeConnection(", "    whenTransactionEnds(() => {\n      closeConnection("],
      ["    if (forced) {", "    countConnections(connection._rawDatabase.name);\n    if (forced) {"],
    ],
  },
  // Opening, upgrading and deleting take turns with other realms and see their connections.
  "FDBFactory.js": {
    imports: [
      "afterVersionChange", "deleteDatabase as deleteShared", "inConnectionQueue", "mayUpgrade", "remoteConnections",
      "upgradeBegins", "whenConnectionsChange",
    ],
    edits: [
      ["  const queue = connectionQueues.get(name) ?? Promise.resolve();\n", ""],
      ["  connectionQueues.set(name, queue.then(task));", "  inConnectionQueue(name, task);"],
      ["    queueTask(() => waitForOthersClosedDelete(", "    whenConnectionsChange(() => waitForOthersClosedDelete("],
      ["  databases.delete(name);\n  cb(null);", "  deleteShared(name, cb);"],
      ["fired. (i.e. queue a task)\n        queueTask(() => {", "fired.\n        afterVersionChange(name, () => {"],
      ["// (i.e. queue a task)\n  queueTask(() => {", "afterVersionChange(connection._rawDatabase.name, () => {"],
      ["return !connection._closed;\n        });", "return !connection._closed;\n        }).concat(remoteConnections(name));"],
      ["    return connection !== otherDatabase;\n  });", "    return connection !== otherDatabase;\n  }).concat(remoteConnections(connection._rawDatabase.name));"],
      ["queueTask(waitForOthersClosed);\n        return;\n      }", "whenConnectionsChange(waitForOthersClosed);\n        return;\n      }\n      if (!mayUpgrade(connection, waitForOthersClosed)) return;"],
      ["      transaction._openRequest = request;", "      transaction._openRequest = request;\n      upgradeBegins(connection, transaction);"],
    ],
  },
  // A listener's error is reported as any uncaught one, whatever becomes of the transaction.
  "lib/FakeEventTarget.js": {
    imports: [],
    header: `import { reportException } from ${JSON.stringify(resolve("src/report.js"))};\n`,
    edits: [["      errors.push(err);", "      errors.push(err);\n      reportException(err);"]],
  },
};

async function patched(path, { imports, header = "", edits }) {
  let text = await readFile(path, "utf8");
  for (const [there, instead] of edits) {
    if (text.split(there).length !== 2) throw new Error(`${path} has changed: "${there}" is not in it exactly once`);
    text = text.replace(there, () => instead);
  }
  const imported = imports.length > 0 ? `import { ${imports.join(", ")} } from ${JSON.stringify(hooks)};\n` : "";
  return header + imported + text;
}

export const patches = {
  name: "patches",
  setup({ onResolve, onLoad, onEnd }) {
    const left = new Set(Object.keys(changes));
    // The package does not export all its files; we need some that it keeps to itself.
    onResolve({ filter: /^fake-indexeddb\/internal\// }, ({ path }) => {
      return { path: resolve("node_modules/fake-indexeddb/build/esm", path.split("/internal/")[1]) };
    });
    onLoad({ filter: /fake-indexeddb[\\/]build[\\/]esm[\\/].*\.js$/ }, async ({ path }) => {
      const name = path.replaceAll("\\", "/").split("/build/esm/")[1];
      if (name === "lib/scheduling.js") {
        return { contents: `export { queueTask } from ${JSON.stringify(scheduling)};`, resolveDir: dirname(path) };
      }
      if (!Object.hasOwn(changes, name)) return undefined;
      left.delete(name);
      return { contents: await patched(path, changes[name]), resolveDir: dirname(path) };
    });
    onEnd(({ errors }) => {
      if (errors.length === 0 && left.size > 0) throw new Error(`not found in fake-indexeddb: ${[...left].join(", ")}`);
    });
  },
};
