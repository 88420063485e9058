import { takeMessage } from "../src/message-members.js";
import { implementation as Event } from "./Event-impl.js";

export class implementation extends Event {
  constructor(realm, [type, init]) {
    super(realm, [type, init]);
    takeMessage(this, init);
  }
}
