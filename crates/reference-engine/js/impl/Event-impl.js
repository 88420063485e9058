import { timeStamp } from "../src/clock.js";

/** DOM `Event`. Targets have no parents here, so a path has at most one entry. */
export class implementation {
  constructor(realm, [type, init]) {
    this.type = type;
    this.bubbles = init.bubbles;
    this.cancelable = init.cancelable;
    this.composed = init.composed;
    this.target = null;
    this.currentTarget = null;
    this.eventPhase = 0;
    this.isTrusted = false;
    this.timeStamp = timeStamp();
    this.dispatching = false;
    this.propagationStopped = false;
    this.immediatePropagationStopped = false;
    this.inPassiveListener = false;
    this.defaultPrevented = false;
  }

  get srcElement() {
    return this.target;
  }

  composedPath() {
    return this.currentTarget ? [this.currentTarget] : [];
  }

  stopPropagation() {
    this.propagationStopped = true;
  }

  get cancelBubble() {
    return this.propagationStopped;
  }

  set cancelBubble(value) {
    if (value) this.propagationStopped = true;
  }

  stopImmediatePropagation() {
    this.propagationStopped = true;
    this.immediatePropagationStopped = true;
  }

  get returnValue() {
    return !this.defaultPrevented;
  }

  set returnValue(value) {
    if (!value) this.preventDefault();
  }

  preventDefault() {
    if (this.cancelable && !this.inPassiveListener) this.defaultPrevented = true;
  }

  initEvent(type, bubbles, cancelable) {
    if (this.dispatching) return;
    this.type = type;
    this.bubbles = bubbles;
    this.cancelable = cancelable;
    this.target = null;
    this.isTrusted = false;
    this.propagationStopped = false;
    this.immediatePropagationStopped = false;
    this.defaultPrevented = false;
  }
}
