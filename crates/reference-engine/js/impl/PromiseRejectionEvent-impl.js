import { implementation as Event } from "./Event-impl.js";

export class implementation extends Event {
  constructor(realm, [type, init]) {
    super(realm, [type, init]);
    this.promise = init.promise;
    this.reason = init.reason;
  }
}
