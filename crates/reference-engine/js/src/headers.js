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
Object.defineProperty(Headers.prototype, Symbol.iterator, { value: listing.entries, writable: true, configurable: true });
Object.defineProperty(Headers.prototype, Symbol.toStringTag, { value: "Headers", configurable: true });

export { Headers };
