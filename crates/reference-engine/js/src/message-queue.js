import { queueTask } from "./timers.js";

/** Messages that wait until somebody wants them; then each is a task of its own, in the order in which they came. */
export class MessageQueue {
  #deliver;
  #started = false;
  #waiting = [];

  constructor(deliver) {
    this.#deliver = deliver;
  }

  start() {
    if (this.#started) return;
    this.#started = true;
    this.#next();
  }

  /** Those that come while others wait, wait behind them. */
  receive(message) {
    if (!this.#started || this.#waiting.length > 0) this.#waiting.push(message);
    else this.#deliver(message);
  }

  /** What has not been delivered, and will not be. */
  drain() {
    return this.#waiting.splice(0);
  }

  #next() {
    if (this.#waiting.length === 0) return;
    queueTask(() => {
      if (this.#waiting.length > 0) this.#deliver(this.#waiting.shift());
      this.#next();
    });
  }
}
