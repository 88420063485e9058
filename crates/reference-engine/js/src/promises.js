const then = Promise.prototype.then;

/** Reacts to a promise whatever a script has since done to `Promise.prototype.then`. */
export function whenSettled(promise, onFulfilled, onRejected) {
  Reflect.apply(then, promise, [onFulfilled, onRejected]);
}
