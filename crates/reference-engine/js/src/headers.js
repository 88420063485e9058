import { Headers } from "whatwg-fetch";

// The ponyfill lists headers in the order they came; Fetch lists them sorted by name.
const sorted = (headers) => Object.entries(headers.map).sort(([a], [b]) => (a < b ? -1 : 1));

const listing = {
  *entries() {
    for (const [name, value] of sorted(this)) yield [name, value];
  },
  *keys() {
    for (const [name] of sorted(this)) yield name;
  },
  *values() {
    for (const [, value] of sorted(this)) yield value;
  },
  forEach(callback, receiver) {
    for (const [name, value] of sorted(this)) Reflect.apply(callback, receiver, [value, name, this]);
  },
  getSetCookie() {
    return this.has("set-cookie") ? [this.get("set-cookie")] : [];
  },
};
for (const [name, value] of Object.entries(listing)) {
  Object.defineProperty(Headers.prototype, name, { value, writable: true, enumerable: true, configurable: true });
}
// The ponyfill takes any value; Fetch trims them and refuses what no header can carry.
function checked(value) {
  const text = `${value}`.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  if (/[\0\n\r\u0100-\uffff]/.test(text)) throw new TypeError("A header's value is bytes without line breaks.");
  return text;
}
for (const name of ["append", "set"]) {
  const unchecked = Headers.prototype[name];
  const value = { [name](key, value) { Reflect.apply(unchecked, this, [key, checked(value)]); } }[name];
  Object.defineProperty(Headers.prototype, name, { value, writable: true, enumerable: true, configurable: true });
}
Object.defineProperty(Headers.prototype, Symbol.iterator, { value: listing.entries, writable: true, configurable: true });
Object.defineProperty(Headers.prototype, Symbol.toStringTag, { value: "Headers", configurable: true });

export { Headers };
