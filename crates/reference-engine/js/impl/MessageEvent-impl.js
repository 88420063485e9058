import { tryWrapperForImpl } from "../gen/utils.js";
import { implementation as Event } from "./Event-impl.js";

export class implementation extends Event {
  constructor(realm, [type, init]) {
    super(realm, [type, init]);
    this.data = init.data;
    this.origin = init.origin;
    this.lastEventId = init.lastEventId;
    this.source = tryWrapperForImpl(init.source);
    this.ports = Object.freeze(init.ports.map((port) => tryWrapperForImpl(port)));
  }
}
