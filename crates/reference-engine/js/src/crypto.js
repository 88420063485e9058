import { natives } from "./natives.js";
import { QuotaExceededError } from "./quota-exceeded-error.js";

const QUOTA = 65536;

/** Web Crypto's random half. All bytes come from the realm's seed. */
export const crypto = {
  getRandomValues(array) {
    if (!ArrayBuffer.isView(array) || /Float|DataView/.test(Object.prototype.toString.call(array))) {
      throw new DOMException("Random values are for integer arrays only.", "TypeMismatchError");
    }
    if (array.byteLength > QUOTA) {
      throw new QuotaExceededError(`At most ${QUOTA} bytes at a time.`, {
        quota: QUOTA, requested: array.byteLength,
      });
    }
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(natives.random(array.byteLength));
    return array;
  },

  randomUUID() {
    const bytes = natives.random(16);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = bytes.toHex();
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  },
};

/** `Math.random` from the realm's seed: 53 bits, as a double holds. */
export function random() {
  const bytes = natives.random(7);
  let value = bytes[6] & 0x1f;
  for (let index = 0; index < 6; index += 1) value = value * 256 + bytes[index];
  return value / 2 ** 53;
}
