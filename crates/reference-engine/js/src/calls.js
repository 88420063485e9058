import { toJson } from "./json.js";
import { natives } from "./natives.js";
import { QuotaExceededError } from "./quota-exceeded-error.js";

const waiting = new Map();
let lastId = 0;

/** Hands a call to the engine, which need not answer. Calls leave in this order. */
export function tell(call) {
  lastId += 1;
  natives.call(lastId, toJson(call));
  return lastId;
}

/** Hands a call to the engine; the promise settles when, and if, it answers. */
export function ask(call) {
  return new Promise((resolve, reject) => {
    waiting.set(tell(call), { resolve, reject });
  });
}

/** An error as Rust writes it. */
export function exception({ name, message }) {
  if (name === "TypeError") return new TypeError(message);
  return name === "QuotaExceededError" ? new QuotaExceededError(message) : new DOMException(message, name);
}

/** The engine's answer. An id that waits for nothing is ignored. */
export function settle(id, json) {
  const call = waiting.get(id);
  if (call === undefined) return;
  waiting.delete(id);
  const { ok, error } = JSON.parse(json);
  if (error !== undefined) {
    call.reject(exception(error));
    return;
  }
  call.resolve(ok ?? undefined);
}
