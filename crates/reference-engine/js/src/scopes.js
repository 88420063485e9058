import * as Clients from "../gen/Clients.js";
import * as Navigator from "../gen/Navigator.js";
import * as WorkerNavigator from "../gen/WorkerNavigator.js";
import { implForWrapper, wrapperForImpl } from "../gen/utils.js";
import { ambient } from "./ambient.js";
import { ask } from "./calls.js";
import { closeWorker, connect, dedicatedWorkerScope } from "./client-workers.js";
import { eventHandler } from "./event-handler.js";
import { attribute, checkGlobal, operation, replaceable } from "./global-scope.js";
import { intrinsics } from "./intrinsics.js";
import { natives, options } from "./natives.js";
import { registrationFor, workerFor } from "./registrations.js";
import { fireSimple } from "./simple-events.js";
import { resolveScriptUrl } from "./url.js";

const handlers = (target, types) => {
  for (const type of types) eventHandler(globalThis, target, type, { check: checkGlobal });
};

/** What every client of service workers has: a navigator whose container hears of messages and controllers. */
function becomeClient(target, navigator) {
  attribute("navigator", () => navigator);
  handlers(target, ["error", "unhandledrejection", "online", "offline"]);
  const container = implForWrapper(navigator).serviceWorker;
  container?.controlledBy(options.controller, false);
  return {
    containerMessage: (json) => { container?.receive(JSON.parse(json)); },
    controllerChanged: (json) => { container?.controlledBy(JSON.parse(json), true); },
    loaded: () => {
      container?.startMessages();
      if (options.kind === "Window") fireSimple(target, "load");
    },
  };
}

function becomeWindow(target) {
  attribute("window", () => globalThis);
  handlers(target, ["load", "message"]);
  return becomeClient(target, Navigator.create(intrinsics, []));
}

function becomeWorker() {
  operation("importScripts", function importScripts(...urls) {
    for (const url of urls.map((input) => resolveScriptUrl(input, ambient.location.href))) natives.load(url);
  });
}

function close() {
  checkGlobal(this);
  closeWorker();
}

function becomeDedicatedWorker(target) {
  becomeWorker();
  replaceable("name", () => options.name);
  const { postMessage } = dedicatedWorkerScope(target);
  operation("postMessage", postMessage);
  operation("close", close);
  handlers(target, ["message", "messageerror"]);
  return becomeClient(target, WorkerNavigator.create(intrinsics, []));
}

function becomeSharedWorker(target) {
  becomeWorker();
  replaceable("name", () => options.name);
  operation("close", close);
  handlers(target, ["connect"]);
  return { ...becomeClient(target, WorkerNavigator.create(intrinsics, [])), connect: connect(target) };
}

function becomeServiceWorker(target) {
  becomeWorker();
  const navigator = WorkerNavigator.create(intrinsics, []);
  const clients = Clients.create(intrinsics, []);
  const registration = registrationFor(options.registration);
  const serviceWorker = wrapperForImpl(workerFor(options.worker));
  attribute("navigator", () => navigator);
  attribute("registration", () => registration);
  attribute("serviceWorker", () => serviceWorker);
  attribute("clients", () => clients);
  operation("skipWaiting", async function skipWaiting() {
    checkGlobal(this);
    return ask({ call: "skipWaiting" });
  });
  handlers(target, [
    "error", "unhandledrejection", "online", "offline", "install", "activate", "fetch", "message", "messageerror",
    "notificationclick", "notificationclose",
  ]);
  if (options.background_sync) handlers(target, ["sync", "periodicsync"]);
  return {};
}

/** Each kind of global: its chain of interfaces, and how the global becomes it. Gives what Rust may call besides. */
export const scopes = {
  Window: { chain: ["Window"], become: becomeWindow },
  DedicatedWorker: { chain: ["WorkerGlobalScope", "DedicatedWorkerGlobalScope"], become: becomeDedicatedWorker },
  SharedWorker: { chain: ["WorkerGlobalScope", "SharedWorkerGlobalScope"], become: becomeSharedWorker },
  ServiceWorker: { chain: ["WorkerGlobalScope", "ServiceWorkerGlobalScope"], become: becomeServiceWorker },
};
