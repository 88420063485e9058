import * as Clients from "../gen/Clients.js";
import * as Navigator from "../gen/Navigator.js";
import * as WorkerNavigator from "../gen/WorkerNavigator.js";
import { ambient } from "./ambient.js";
import { ask, settle } from "./calls.js";
import { Date, performance } from "./clock.js";
import { structuredClone } from "./clone.js";
import { console } from "./console.js";
import { crypto, random } from "./crypto.js";
import { dispatchLifecycle, dispatchSync, setOnline } from "./dispatch.js";
import { TextDecoder, TextEncoder } from "./encoding.js";
import { eventHandler } from "./event-handler.js";
import { fetch, Request, Response } from "./fetch.js";
import { attribute, becomeGlobal, checkGlobal, hide, operation } from "./global-scope.js";
import { Headers } from "./headers.js";
import { deliver, indexedDB, interfaces as indexedDbInterfaces } from "./indexed-db/main.js";
import { installInterfaces } from "./interfaces.js";
import { intrinsics } from "./intrinsics.js";
import { natives, options } from "./natives.js";
import { registrationFor } from "./registrations.js";
import { describe, reportException, reportRejections, trackRejection } from "./report.js";
import { failRun, finishRun } from "./run.js";
import { nextDue, runDue, timerFunctions } from "./timers.js";
import { resolveUrl, URL, URLSearchParams } from "./url.js";

installInterfaces();
const chains = { Window: ["Window"], ServiceWorker: ["WorkerGlobalScope", "ServiceWorkerGlobalScope"] };
const target = becomeGlobal(chains[options.kind]);

hide(globalThis, "Date", Date);
hide(Math, "random", random);
for (const [name, value] of Object.entries({
  Headers, Request, Response, TextDecoder, TextEncoder, URL, URLSearchParams, console, ...indexedDbInterfaces,
})) {
  hide(globalThis, name, value);
}
for (const [name, value] of Object.entries({ ...timerFunctions, fetch, structuredClone, reportError: reportException })) {
  operation(name, value);
}
attribute("self", () => globalThis);
attribute("location", () => ambient.location);
attribute("origin", () => ambient.location.origin);
attribute("isSecureContext", () => true);
attribute("crypto", () => crypto);
attribute("indexedDB", () => indexedDB);
attribute("performance", () => performance);

const handlers = (types) => {
  for (const type of types) eventHandler(globalThis, target, type, checkGlobal);
};

function becomeWindow() {
  const navigator = Navigator.create(intrinsics, []);
  attribute("window", () => globalThis);
  attribute("navigator", () => navigator);
  handlers(["online", "offline"]);
}

function becomeServiceWorker() {
  const navigator = WorkerNavigator.create(intrinsics, []);
  const clients = Clients.create(intrinsics, []);
  const registration = registrationFor(options.registration);
  attribute("navigator", () => navigator);
  attribute("registration", () => registration);
  attribute("clients", () => clients);
  operation("skipWaiting", function skipWaiting() {
    return ask({ call: "skipWaiting" });
  });
  operation("importScripts", function importScripts(...urls) {
    for (const url of urls.map((input) => resolveUrl(input, ambient.location.href))) natives.load(url);
  });
  handlers(["install", "activate", "sync"]);
}

if (options.kind === "Window") becomeWindow();
else becomeServiceWorker();

/** What Rust calls. */
export const host = {
  settle,
  nextDue,
  runDue,
  describe: (thrown) => JSON.stringify(describe(thrown)),
  trackRejection,
  reportRejections,
  registrationChanged: (json) => { registrationFor(JSON.parse(json)); },
  setOnline: setOnline(target),
  dispatchLifecycle: dispatchLifecycle(target),
  dispatchSync: (eventId, tag, lastChance) => dispatchSync(target)(eventId, JSON.parse(tag), lastChance),
  deliver,
  failRun,
  finishRun,
};
