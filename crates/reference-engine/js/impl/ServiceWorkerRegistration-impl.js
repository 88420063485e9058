import * as SyncManager from "../gen/SyncManager.js";
import { ask } from "../src/calls.js";
import { implementation as EventTarget } from "./EventTarget-impl.js";

export class implementation extends EventTarget {
  constructor(realm, args, { scope }) {
    super(realm, args);
    this.scope = scope;
    this.installing = null;
    this.waiting = null;
    this.active = null;
    this.sync = SyncManager.createImpl(realm, [], { scope });
  }

  unregister() {
    return ask({ call: "unregister", scope: this.scope });
  }
}
