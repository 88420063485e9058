import { implementation as ExtendableEvent } from "./ExtendableEvent-impl.js";

export class implementation extends ExtendableEvent {
  constructor(realm, [type, init]) {
    super(realm, [type, init]);
    this.tag = init.tag;
  }
}
