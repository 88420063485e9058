/** WebIDL's `QuotaExceededError`: by hand, because the class it extends is the engine's own. */
export class QuotaExceededError extends DOMException {
  #quota;
  #requested;

  constructor(message = "", options = {}) {
    super(message, "QuotaExceededError");
    this.#quota = amount(options, "quota");
    this.#requested = amount(options, "requested");
    if (this.#quota !== null && this.#requested !== null && this.#requested < this.#quota) {
      throw new RangeError("What was requested is within the quota.");
    }
  }

  get quota() {
    return this.#quota;
  }

  get requested() {
    return this.#requested;
  }
}

function amount(options, name) {
  if (options?.[name] === undefined) return null;
  const value = Number(options[name]);
  if (!Number.isFinite(value)) throw new TypeError(`${name} is not a number.`);
  if (value < 0) throw new RangeError(`${name} is below zero.`);
  return value;
}

const visible = { enumerable: true };
Object.defineProperties(QuotaExceededError.prototype, { quota: visible, requested: visible });
Object.defineProperty(QuotaExceededError.prototype, Symbol.toStringTag, { value: "QuotaExceededError", configurable: true });
