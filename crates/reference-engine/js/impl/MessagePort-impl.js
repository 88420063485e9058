import * as MessageEvent from "../gen/MessageEvent.js";
import { tell } from "../src/calls.js";
import { eventHandler } from "../src/event-handler.js";
import { intrinsics } from "../src/intrinsics.js";
import { MessageQueue } from "../src/message-queue.js";
import { receive, serialize } from "../src/messages.js";
import { forgetPort, rememberPort } from "../src/ports.js";
import { implementation as EventTarget } from "./EventTarget-impl.js";

/** HTML `MessagePort`. The engine carries its messages, whichever realm the other end is in. */
export class implementation extends EventTarget {
  constructor(realm, args, { name }) {
    super(realm, args);
    this.name = name;
    this.detached = false;
    this.queue = new MessageQueue((message) => this.deliver(message));
    eventHandler(this, this, "message", { whenSet: () => this.start() });
    eventHandler(this, this, "messageerror");
    rememberPort(name, this);
  }

  postMessage(message, options) {
    const sent = serialize(message, options, this);
    if (!this.detached) tell({ call: "postMessage", to: { port: this.name }, message: sent });
  }

  start() {
    this.queue.start();
  }

  close() {
    if (this.detached) return;
    this.detached = true;
    this.queue.drain();
    forgetPort(this.name);
    tell({ call: "closePort", port: this.name });
  }

  /** It is sent away: what it had not delivered goes with it, through the engine, the last message first. */
  leave() {
    this.detached = true;
    forgetPort(this.name);
    for (const message of this.queue.drain().reverse()) tell({ call: "returnMessage", port: this.name, message });
    return this.name;
  }

  receive(message) {
    if (!this.detached) this.queue.receive(message);
  }

  deliver(message) {
    const { type, data, ports } = receive(message);
    this.fireTrusted(MessageEvent.createImpl(intrinsics, [type, messageInit(data, ports)]));
  }
}

export const messageInit = (data, ports, origin = "", source = null) => ({
  bubbles: false, cancelable: false, composed: false, data, origin, lastEventId: "", source, ports,
});
