// HTML's structured serialization, for IndexedDB, messages and clones alike. What is serialized has a form in JSON: JSON's
// own values stand for themselves; everything else is an array that begins with a kind. Objects are numbered in the order
// they begin, so that shared and cyclic ones come back as such. `JSON.stringify` writes lone surrogates as escapes, so any
// string survives.
import { implForWrapper } from "../gen/utils.js";
import { toJson } from "./json.js";
import { QuotaExceededError } from "./quota-exceeded-error.js";

const { Float16Array, Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Uint8ClampedArray } = globalThis;
const { Uint32Array, BigInt64Array, BigUint64Array } = globalThis;
const views = Object.fromEntries(
  [
    DataView, Uint8Array, Uint8ClampedArray, Uint16Array, Uint32Array, Int8Array, Int16Array, Int32Array, Float16Array,
    Float32Array, Float64Array, BigInt64Array, BigUint64Array,
  ]
    .filter((view) => view !== undefined)
    .map((view) => [view.name, view]),
);
const errors = Object.fromEntries(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((error) => [error.name, error]),
);

const hidden = (value) => ({ value, writable: true, enumerable: false, configurable: true });

const uncloneable = (what) => new DOMException(`${what} cannot be cloned.`, "DataCloneError");

// Built-ins without a serialized form; classes of ours add themselves.
const foreign = [Promise, WeakMap, WeakRef, WeakSet];

/** Makes the objects of classes uncloneable. Those made from IDL are so by themselves. */
export const refuseToClone = (...classes) => foreign.push(...classes);

class Encoder {
  #seen = new Map();
  #transferred;

  /** `transferred` maps objects that are moved rather than copied to what stands for them. */
  constructor(transferred = new Map()) {
    this.#transferred = transferred;
  }

  encode(value) {
    switch (typeof value) {
      case "undefined":
        return ["undefined"];
      case "bigint":
        return ["bigint", String(value)];
      case "number":
        return Number.isFinite(value) && !Object.is(value, -0) ? value : ["number", Object.is(value, -0) ? "-0" : String(value)];
      case "object":
        return value === null ? null : this.#object(value);
      case "function":
        throw uncloneable(`The function ${value.name}`);
      case "symbol":
        throw uncloneable("A symbol");
      default:
        return value;
    }
  }

  #object(value) {
    if (this.#seen.has(value)) return ["again", this.#seen.get(value)];
    this.#seen.set(value, this.#seen.size);
    const moved = this.#transferred.get(value);
    if (moved !== undefined) return moved;
    if (implForWrapper(value) || foreign.some((each) => value instanceof each)) {
      throw uncloneable(`An object of the class ${value.constructor?.name}`);
    }
    if (Array.isArray(value)) return this.#array(value);
    if (value instanceof Date) return ["date", this.encode(value.getTime())];
    if (value instanceof ArrayBuffer) return ["bytes", this.#bytes(value)];
    if (ArrayBuffer.isView(value)) return this.#view(value);
    if (value instanceof Map) return ["map", ...[...value].flatMap(([key, item]) => [this.encode(key), this.encode(item)])];
    if (value instanceof Set) return ["set", ...[...value].map((item) => this.encode(item))];
    if (value instanceof RegExp) return ["regexp", value.source, value.flags];
    if (value instanceof QuotaExceededError) return ["quota", value.message, value.quota, value.requested];
    if (value instanceof DOMException) return ["exception", value.name, value.message];
    if (value instanceof Error) return this.#error(value);
    if (value instanceof Boolean || value instanceof Number || value instanceof String || value instanceof BigInt) {
      return ["boxed", this.encode(value.valueOf())];
    }
    return ["object", ...this.#members(value)];
  }

  #bytes(buffer) {
    if (buffer.detached) throw uncloneable("A detached buffer");
    return new Uint8Array(buffer).toBase64();
  }

  #members(value) {
    return Object.keys(value).flatMap((key) => [key, this.encode(value[key])]);
  }

  /** A full array as its items; one with holes or other members as its length and members. */
  #array(value) {
    const keys = Object.keys(value);
    const full = keys.length === value.length && keys.every((key, index) => key === String(index));
    if (full) return ["array", ...value.map((item) => this.encode(item))];
    return ["sparse", value.length, ...this.#members(value)];
  }

  #view(value) {
    const name = Object.prototype.toString.call(value).slice(8, -1);
    return ["view", name, this.encode(value.buffer), value.byteOffset, value.length ?? value.byteLength];
  }

  #error(value) {
    const kind = Object.hasOwn(errors, value.name) ? value.name : "Error";
    const cause = Object.hasOwn(value, "cause") ? [this.encode(value.cause)] : [];
    return ["error", kind, String(value.message), String(value.stack ?? ""), ...cause];
  }
}

class Decoder {
  #seen = [];
  #received;

  /** `received` are the ports that came with the value. */
  constructor(received = []) {
    this.#received = received;
  }

  decode(node) {
    if (!Array.isArray(node)) return node;
    const [kind, ...rest] = node;
    if (kind === "undefined") return undefined;
    if (kind === "bigint") return BigInt(rest[0]);
    if (kind === "number") return Number(rest[0]);
    if (kind === "again") return this.#seen[rest[0]];
    // The number is taken before the members are read, as when they were written.
    const place = this.#seen.push(undefined) - 1;
    const keep = (object) => (this.#seen[place] = object);
    return this.#object(kind, rest, keep);
  }

  #object(kind, rest, keep) {
    switch (kind) {
      case "array":
        return this.#fill(keep([]), rest, (array, item) => array.push(this.decode(item)));
      case "sparse":
        return this.#members(keep(new Array(rest[0])), rest.slice(1));
      case "object":
        return this.#members(keep({}), rest);
      case "map":
        return this.#pairs(keep(new Map()), rest, (map, key, item) => map.set(this.decode(key), this.decode(item)));
      case "set":
        return this.#fill(keep(new Set()), rest, (set, item) => set.add(this.decode(item)));
      case "date":
        return keep(new Date(this.decode(rest[0])));
      case "bytes":
        return keep(Uint8Array.fromBase64(rest[0]).buffer);
      case "view":
        return keep(new views[rest[0]](this.decode(rest[1]), rest[2], rest[3]));
      case "regexp":
        return keep(new RegExp(rest[0], rest[1]));
      case "quota": {
        const [message, quota, requested] = rest;
        return keep(new QuotaExceededError(message, { quota: quota ?? undefined, requested: requested ?? undefined }));
      }
      case "exception":
        return keep(new DOMException(rest[1], rest[0]));
      case "error":
        return this.#error(keep(new errors[rest[0]](rest[1])), rest);
      case "boxed":
        return keep(Object(this.decode(rest[0])));
      case "port":
        return keep(this.#received[rest[0]]);
      default:
        throw new TypeError(`A stored value is of the unknown kind "${kind}".`);
    }
  }

  #fill(holder, items, add) {
    for (const item of items) add(holder, item);
    return holder;
  }

  #pairs(holder, rest, add) {
    for (let index = 0; index < rest.length; index += 2) add(holder, rest[index], rest[index + 1]);
    return holder;
  }

  #members(holder, rest) {
    return this.#pairs(holder, rest, (object, key, node) => {
      const value = this.decode(node);
      Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
    });
  }

  #error(error, [, , stack, ...cause]) {
    Object.defineProperty(error, "stack", hidden(stack));
    if (cause.length > 0) Object.defineProperty(error, "cause", hidden(this.decode(cause[0])));
    return error;
  }
}

/** The JSON text of a value. What cannot be cloned is thrown out with a `DataCloneError`. */
export const encode = (value, transferred) => toJson(new Encoder(transferred).encode(value));

/** The value of parsed JSON that `encode` wrote. */
export const decode = (node, received) => new Decoder(received).decode(node);

/** HTML's `structuredClone` without transfer. */
export const clone = (value) => decode(new Encoder().encode(value));
