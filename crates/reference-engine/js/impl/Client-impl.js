import { tell } from "../src/calls.js";
import { serialize } from "../src/messages.js";

export class implementation {
  constructor(realm, args, { id, url, kind, frame_type: frameType }) {
    this.id = id;
    this.url = url;
    this.type = kind;
    this.frameType = frameType;
  }

  postMessage(message, options) {
    tell({ call: "postMessage", to: { client: this.id }, message: serialize(message, options) });
  }
}
