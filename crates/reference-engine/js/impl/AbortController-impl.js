import * as AbortSignal from "../gen/AbortSignal.js";

export class implementation {
  constructor(realm) {
    this.signal = AbortSignal.createImpl(realm, []);
  }

  abort(reason) {
    this.signal.signalAbort(reason);
  }
}
