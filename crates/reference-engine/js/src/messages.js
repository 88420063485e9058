import * as MessagePort from "../gen/MessagePort.js";
import { implForWrapper, wrapperForImpl } from "../gen/utils.js";
import { clone, decode, encode } from "./codec.js";
import { intrinsics } from "./intrinsics.js";

/** The list of objects to move: an options object's `transfer`, or the older form, the list itself. */
function transferList(options) {
  if (options === undefined || options === null) return [];
  if (typeof options !== "object" && typeof options !== "function") {
    throw new TypeError("The options of a message are an object or a list of what is transferred.");
  }
  if (typeof options[Symbol.iterator] === "function") return [...options];
  return options.transfer === undefined ? [] : [...options.transfer];
}

const notTransferable = (why) => new DOMException(why, "DataCloneError");

/** Splits a transfer list into ports and buffers; anything else cannot be moved. */
function sortOut(list, sender) {
  if (new Set(list).size !== list.length) throw notTransferable("An object is listed twice for transfer.");
  const moved = { ports: [], buffers: [] };
  for (const object of list) {
    if (MessagePort.is(object)) {
      const port = implForWrapper(object);
      if (port === sender) throw notTransferable("A port cannot be sent through itself.");
      if (port.detached) throw notTransferable("The port has already been transferred.");
      moved.ports.push(port);
    } else if (object instanceof ArrayBuffer) {
      if (object.detached) throw notTransferable("The buffer has already been transferred.");
      moved.buffers.push(object);
    } else {
      throw notTransferable("Only message ports and array buffers can be transferred.");
    }
  }
  return moved;
}

/** A message as it leaves: its data, and the names of the ports that go with it. */
export function serialize(message, options, sender = null) {
  const moved = sortOut(transferList(options), sender);
  const standIns = new Map(moved.ports.map((port, index) => [wrapperForImpl(port), ["port", index]]));
  const data = encode(message, standIns);
  if ([...moved.ports, ...moved.buffers].some(({ detached }) => detached)) {
    throw notTransferable("What is to be transferred was moved by a getter meanwhile.");
  }
  for (const buffer of moved.buffers) buffer.transfer();
  return { data, ports: moved.ports.map((port) => port.leave()) };
}

/** A message as it arrives: its data, and the ports that came with it. */
function deserialize({ data, ports: names }) {
  const received = names.map((name) => MessagePort.create(intrinsics, [], { name }));
  return { data: decode(JSON.parse(data), received), ports: Object.freeze(received) };
}

/** What has arrived, and the type of the event that tells of it: another one if it cannot be read. */
export function receive(message) {
  try {
    return { type: "message", ...deserialize(message) };
  } catch {
    return { type: "messageerror", data: null, ports: [] };
  }
}

/** HTML's `structuredClone`. */
export function structuredClone(value, options) {
  const list = transferList(options);
  return list.length === 0 ? clone(value) : deserialize(serialize(value, options)).data;
}
