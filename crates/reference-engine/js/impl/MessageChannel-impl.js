import * as MessagePort from "../gen/MessagePort.js";
import { intrinsics } from "../src/intrinsics.js";
import { entangle } from "../src/ports.js";

export class implementation {
  constructor() {
    const [one, two] = entangle();
    this.port1 = MessagePort.createImpl(intrinsics, [], { name: one });
    this.port2 = MessagePort.createImpl(intrinsics, [], { name: two });
  }
}
