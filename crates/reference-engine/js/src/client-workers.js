import * as MessageEvent from "../gen/MessageEvent.js";
import * as MessagePort from "../gen/MessagePort.js";
import { messageInit } from "../impl/MessagePort-impl.js";
import { tell } from "./calls.js";
import { checkGlobal } from "./global-scope.js";
import { intrinsics } from "./intrinsics.js";
import { receive } from "./messages.js";
import { options } from "./natives.js";

const event = (type, data, ports, source) => MessageEvent.createImpl(intrinsics, [type, messageInit(data, ports, "", source)]);

/** What comes through a hidden port is fired at `target`. */
export function forwardMessages(port, target) {
  port.deliver = (message) => {
    const { type, data, ports } = receive(message);
    target.fireTrusted(event(type, data, ports, null));
  };
  port.start();
}

/** The scope of a dedicated worker: its own end of the port. */
export function dedicatedWorkerScope(target) {
  const port = MessagePort.createImpl(intrinsics, [], { name: options.port });
  forwardMessages(port, target);
  return {
    postMessage(message, transfer = undefined) {
      checkGlobal(this);
      if (arguments.length === 0) throw new TypeError("A message takes one argument.");
      port.postMessage(message, transfer);
    },
  };
}

/** Another page uses this shared worker. */
export const connect = (target) => (name) => {
  const port = MessagePort.create(intrinsics, [], { name });
  target.fireTrusted(event("connect", "", [port], port));
};

export const closeWorker = () => { tell({ call: "closeWorker" }); };
