import { natives } from "./natives.js";

const bytesOf = (input) => {
  if (input === undefined) return new Uint8Array(0);
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  return new Uint8Array(input);
};

export class TextEncoder {
  get encoding() {
    return "utf-8";
  }

  encode(input = "") {
    return natives.encode(String(input).toWellFormed());
  }

  encodeInto(source, destination) {
    let read = 0;
    let written = 0;
    for (const character of String(source).toWellFormed()) {
      const bytes = this.encode(character);
      if (written + bytes.length > destination.length) break;
      destination.set(bytes, written);
      read += character.length;
      written += bytes.length;
    }
    return { read, written };
  }

  get [Symbol.toStringTag]() {
    return "TextEncoder";
  }
}

/** How many bytes at the end begin a character whose other bytes are still to come. */
function unfinished(bytes) {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back];
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

/** UTF-8 only, which is all that fetched text and stored text use here. */
export class TextDecoder {
  #fatal;
  #ignoreBOM;
  #rest = new Uint8Array(0);

  constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
    if (!/^\s*(utf-?8|unicode-1-1-utf-8|x-unicode20utf8)\s*$/i.test(label)) {
      throw new RangeError(`The reference engine decodes UTF-8 only, not "${label}".`);
    }
    this.#fatal = Boolean(fatal);
    this.#ignoreBOM = Boolean(ignoreBOM);
  }

  get encoding() {
    return "utf-8";
  }

  get fatal() {
    return this.#fatal;
  }

  get ignoreBOM() {
    return this.#ignoreBOM;
  }

  decode(input, { stream = false } = {}) {
    const added = bytesOf(input);
    const bytes = new Uint8Array(this.#rest.length + added.length);
    bytes.set(this.#rest);
    bytes.set(added, this.#rest.length);
    const kept = stream ? unfinished(bytes) : 0;
    this.#rest = bytes.slice(bytes.length - kept);
    const text = natives.decode(bytes.subarray(0, bytes.length - kept).toBase64(), this.#fatal);
    if (text === undefined) throw new TypeError("The bytes are not valid UTF-8.");
    return !this.#ignoreBOM && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  get [Symbol.toStringTag]() {
    return "TextDecoder";
  }
}
