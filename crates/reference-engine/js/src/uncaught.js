import * as ErrorEvent from "../gen/ErrorEvent.js";
import * as PromiseRejectionEvent from "../gen/PromiseRejectionEvent.js";
import { intrinsics } from "./intrinsics.js";
import { onUncaught } from "./report.js";

const cancelable = { bubbles: false, cancelable: true, composed: false };

/** HTML's `error` and `unhandledrejection` at the global: what a script cancels there is not logged. */
export function tellOfUncaught(target) {
  onUncaught({
    error(thrown, { name, message, file, line }) {
      const text = name === "" ? message : `Uncaught ${name}: ${message}`;
      const init = { ...cancelable, message: text, filename: file, lineno: line, colno: 0, error: thrown };
      return !target.fireTrusted(ErrorEvent.createImpl(intrinsics, ["error", init]));
    },
    rejection(promise, reason) {
      const init = { ...cancelable, promise, reason };
      return !target.fireTrusted(PromiseRejectionEvent.createImpl(intrinsics, ["unhandledrejection", init]));
    },
  });
}
