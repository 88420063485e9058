import * as CacheStorage from "../gen/CacheStorage.js";
import { ambient } from "./ambient.js";
import { settle } from "./calls.js";
import { Date, performance } from "./clock.js";
import { refuseToClone } from "./codec.js";
import { console } from "./console.js";
import { crypto, random } from "./crypto.js";
import {
  dispatchLifecycle, dispatchMessage, dispatchNotification, dispatchPeriodicSync, dispatchSync, setOnline,
} from "./dispatch.js";
import { TextDecoder, TextEncoder } from "./encoding.js";
import { fetch, Request, Response } from "./fetch.js";
import { dispatchFetch } from "./fetch-event.js";
import { attribute, becomeGlobal, hide, operation } from "./global-scope.js";
import { Headers } from "./headers.js";
import { deliver, indexedDB, interfaces as indexedDbInterfaces } from "./indexed-db/main.js";
import { installInterfaces } from "./interfaces.js";
import { intrinsics } from "./intrinsics.js";
import { structuredClone } from "./messages.js";
import { toJson } from "./json.js";
import { options } from "./natives.js";
import { notificationHappened } from "./notifications.js";
import { permissionChanged } from "./permissions.js";
import { forgetPort, portNamed } from "./ports.js";
import { QuotaExceededError } from "./quota-exceeded-error.js";
import { registrationChanged } from "./registrations.js";
import { describe, reportError, reportException, reportRejections, trackRejection } from "./report.js";
import { failRun, finishRun } from "./run.js";
import { scopes } from "./scopes.js";
import { nextDue, runDue, timerFunctions } from "./timers.js";
import { tellOfUncaught } from "./uncaught.js";
import { URL, URLSearchParams } from "./url.js";

installInterfaces();
const scope = scopes[options.kind];
const target = becomeGlobal(scope.chain);
tellOfUncaught(target);

hide(globalThis, "Date", Date);
hide(Math, "random", random);
const classes = { Headers, Request, Response, TextDecoder, TextEncoder, URL, URLSearchParams };
refuseToClone(...Object.values(classes), ...Object.values(indexedDbInterfaces));
hide(globalThis, "QuotaExceededError", QuotaExceededError);
for (const [name, value] of Object.entries({ ...classes, console, ...indexedDbInterfaces })) {
  hide(globalThis, name, value);
}
for (const [name, value] of Object.entries({ ...timerFunctions, fetch, structuredClone, reportError })) {
  operation(name, value);
}
attribute("self", () => globalThis);
attribute("location", () => ambient.location);
attribute("origin", () => ambient.location.origin);
attribute("isSecureContext", () => options.secure);
attribute("crypto", () => crypto);
attribute("indexedDB", () => indexedDB);
attribute("performance", () => performance);
if (options.secure) {
  const caches = CacheStorage.create(intrinsics, []);
  attribute("caches", () => caches);
}
const own = scope.become(target);

/** What Rust calls. */
export const host = {
  settle,
  nextDue,
  runDue,
  describe: (thrown) => toJson(describe(thrown)),
  trackRejection,
  reportRejections,
  reportException,
  registrationChanged,
  permissionChanged: (name, state) => {
    if (name === "notifications") ambient.notifications = state;
    permissionChanged(name, state);
  },
  notificationHappened,
  setOnline: setOnline(target),
  dispatchLifecycle: dispatchLifecycle(target),
  dispatchSync: dispatchSync(target),
  dispatchPeriodicSync: dispatchPeriodicSync(target),
  dispatchMessage: dispatchMessage(target),
  dispatchNotification: dispatchNotification(target),
  dispatchFetch: dispatchFetch(target),
  portMessage: (name, json) => {
    const port = portNamed(name);
    port?.receive(JSON.parse(json));
    return port !== undefined;
  },
  portIsAlone: (name) => { forgetPort(name); },
  deliver,
  failRun,
  finishRun,
  ...own,
};
