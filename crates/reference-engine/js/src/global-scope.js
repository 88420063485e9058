import * as EventTarget from "../gen/EventTarget.js";
import * as utils from "../gen/utils.js";
import { intrinsics } from "./intrinsics.js";

function illegal() {
  throw new TypeError("Illegal constructor");
}

/** An interface object nobody can construct, made by hand because the generator knows no [Global]. */
function scopeInterface(name, parent) {
  const made = { [name]: class extends parent { constructor() { illegal(); } } }[name];
  Object.defineProperty(made.prototype, Symbol.toStringTag, { value: name, configurable: true });
  Object.defineProperty(made, "prototype", { writable: false });
  hide(globalThis, name, made);
  return made;
}

/** Defines as WebIDL does interfaces: writable, configurable, not enumerable. */
export function hide(holder, name, value) {
  Object.defineProperty(holder, name, { value, writable: true, enumerable: false, configurable: true });
}

/** Defines as WebIDL does operations of a global. */
export function operation(name, value) {
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Defines as WebIDL does read-only attributes of a global. */
export function attribute(name, read) {
  const get = {
    [name]() {
      checkGlobal(this);
      return read();
    },
  }[name];
  Object.defineProperty(get, "name", { value: `get ${name}` });
  Object.defineProperty(globalThis, name, { get, set: undefined, enumerable: true, configurable: true });
}

/** Defines as WebIDL does read-only attributes that a script may put its own value in place of. */
export function replaceable(name, read) {
  attribute(name, read);
  const set = {
    [name](value) {
      checkGlobal(this);
      operation(name, value);
    },
  }[name];
  Object.defineProperty(set, "name", { value: `set ${name}` });
  Object.defineProperty(globalThis, name, { set });
}

/** Throws unless an `on...` accessor of the global is used on the global. */
export function checkGlobal(receiver) {
  if (receiver !== undefined && receiver !== null && receiver !== globalThis) throw new TypeError("Illegal invocation");
}

/** Copies the installed interfaces and puts the chain of scope interfaces under the global; gives its EventTarget. */
export function becomeGlobal(chain) {
  for (const name of Object.getOwnPropertyNames(intrinsics[utils.ctorRegistrySymbol])) {
    const descriptor = Object.getOwnPropertyDescriptor(intrinsics, name);
    if (descriptor !== undefined) Object.defineProperty(globalThis, name, descriptor);
  }
  const scope = chain.reduce((parent, name) => scopeInterface(name, parent), globalThis.EventTarget);
  delete globalThis[Symbol.toStringTag];
  Object.setPrototypeOf(globalThis, scope.prototype);
  EventTarget.setup(globalThis, intrinsics);
  // A bare `addEventListener(...)` has no receiver; the generated code then takes its global object, which is ours.
  intrinsics[utils.implSymbol] = globalThis[utils.implSymbol];
  return globalThis[utils.implSymbol];
}
