import { tryWrapperForImpl } from "../gen/utils.js";

/** The members that all events with a message have. */
export function takeMessage(event, { data, origin, lastEventId, source, ports }) {
  event.data = data;
  event.origin = origin;
  event.lastEventId = lastEventId;
  event.source = tryWrapperForImpl(source);
  event.ports = Object.freeze(ports.map((port) => tryWrapperForImpl(port)));
}
