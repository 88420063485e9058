import { implementation as Event } from "./Event-impl.js";

export class implementation extends Event {
  constructor(realm, [type, init]) {
    super(realm, [type, init]);
    this.message = init.message;
    this.filename = init.filename;
    this.lineno = init.lineno;
    this.colno = init.colno;
    this.error = init.error;
  }
}
