import { natives } from "./natives.js";

/** Milliseconds since the epoch on the engine's clock, the only clock there is. */
export const now = () => natives.now();

const origin = now();

/** Milliseconds since this realm began. */
export const timeStamp = () => now() - origin;

const SystemDate = globalThis.Date;

/** `Date` on the engine's clock. It shares the built-in prototype, so no object tells the two apart. */
export const Date = function Date(...args) {
  if (new.target === undefined) return new SystemDate(now()).toString();
  return Reflect.construct(SystemDate, args.length === 0 ? [now()] : args, new.target);
};
const hidden = (value) => ({ value, writable: true, enumerable: false, configurable: true });
Object.defineProperties(Date, {
  length: { value: 7, writable: false, enumerable: false, configurable: true },
  prototype: { value: SystemDate.prototype, writable: false, enumerable: false, configurable: false },
  parse: hidden(SystemDate.parse),
  UTC: hidden(SystemDate.UTC),
  now: hidden({ now: () => Math.floor(now()) }.now),
});
Object.defineProperty(SystemDate.prototype, "constructor", hidden(Date));

/** What scripts see as `performance`. */
export const performance = { now: timeStamp, timeOrigin: origin, mark() {}, measure() {}, toJSON: () => ({ timeOrigin: origin }) };
