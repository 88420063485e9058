import { Request as PonyfillRequest, Response as PonyfillResponse } from "whatwg-fetch";
import { ambient } from "./ambient.js";
import { ask } from "./calls.js";
import { TextDecoder, TextEncoder } from "./encoding.js";
import { Headers } from "./headers.js";
import { implForWrapper } from "../gen/utils.js";
import { resolveUrl, URLSearchParams } from "./url.js";

const FORM = "application/x-www-form-urlencoded;charset=UTF-8";
const PLAIN = "text/plain;charset=UTF-8";

/** A body as bytes with the content type it brings. Streams, blobs and forms are not supplied. */
function extract(body) {
  if (body === undefined || body === null) return { bytes: null, type: null };
  if (body instanceof ArrayBuffer) return { bytes: new Uint8Array(body.slice(0)), type: null };
  if (ArrayBuffer.isView(body)) {
    return { bytes: new Uint8Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength)), type: null };
  }
  const type = body instanceof URLSearchParams ? FORM : PLAIN;
  return { bytes: new TextEncoder().encode(String(body)), type };
}

const bodies = new WeakMap();

function initBody(message, { bytes, type }) {
  bodies.set(message, bytes);
  message.bodyUsed = false;
  if (type !== null && !message.headers.has("content-type")) message.headers.set("content-type", type);
}

function consume(message) {
  if (message.bodyUsed) throw new TypeError("The body has already been read.");
  message.bodyUsed = bodies.get(message) !== null;
  return bodies.get(message) ?? new Uint8Array(0);
}

/** The ponyfill reads bytes as Latin-1 and text as no bytes at all: bodies are ours, the rest is its. */
const body = {
  async arrayBuffer() {
    return consume(this).slice().buffer;
  },
  async bytes() {
    return consume(this).slice();
  },
  async text() {
    return new TextDecoder().decode(consume(this));
  },
  async json() {
    return JSON.parse(new TextDecoder().decode(consume(this)));
  },
};

const DEFAULTS = {
  mode: "cors", cache: "default", redirect: "follow", referrer: "about:client", referrerPolicy: "", integrity: "",
  keepalive: false, destination: "",
};

export class Request extends PonyfillRequest {
  constructor(input, init = {}) {
    const base = input instanceof Request ? input : resolveUrl(input, ambient.location.href);
    if (input instanceof Request && input.bodyUsed && init.body === undefined) {
      throw new TypeError("The request's body has already been read.");
    }
    // The ponyfill rewrites the URL of an uncached request; it is not told about `cache`, nor about the body.
    super(base, { ...init, body: undefined, cache: undefined });
    const taken = init.body === undefined && input instanceof Request;
    const content = taken ? { bytes: bodies.get(input), type: null } : extract(init.body);
    if (content.bytes !== null && (this.method === "GET" || this.method === "HEAD")) {
      throw new TypeError(`A ${this.method} request cannot have a body.`);
    }
    initBody(this, content);
    if (taken && content.bytes !== null) input.bodyUsed = true;
    for (const [name, value] of Object.entries(DEFAULTS)) this[name] = init[name] ?? input[name] ?? value;
  }

  clone() {
    if (this.bodyUsed) throw new TypeError("The request's body has already been read.");
    return new Request(this, { body: bodies.get(this) });
  }
}

export class Response extends PonyfillResponse {
  constructor(content = null, init = {}) {
    super(null, init);
    initBody(this, extract(content));
  }

  clone() {
    if (this.bodyUsed) throw new TypeError("The response's body has already been read.");
    const copy = new Response(bodies.get(this), this);
    copy.url = this.url;
    return copy;
  }

  static json(data, init = {}) {
    const headers = new Headers(init.headers);
    if (!headers.has("content-type")) headers.set("content-type", "application/json");
    return new Response(JSON.stringify(data), { ...init, headers });
  }

  static error() {
    const response = new Response(null, { status: 200 });
    return Object.assign(response, { type: "error", status: 0, ok: false });
  }
}
for (const ours of [Request, Response]) {
  for (const [name, value] of Object.entries(body)) {
    Object.defineProperty(ours.prototype, name, { value, writable: true, enumerable: true, configurable: true });
  }
  Object.defineProperty(ours.prototype, Symbol.toStringTag, { value: ours.name, configurable: true });
}

/** The promise of an abort; it never fulfils. */
const aborted = (signal) => new Promise((resolve, reject) => {
  implForWrapper(signal).onAbort(() => reject(signal.reason));
});

export const isRequest = (value) => value instanceof Request;
export const isResponse = (value) => value instanceof Response;

/** A request as the engine is told of it; its body is used up. */
function requestInfo(request) {
  const { url, method, mode, destination } = request;
  return { url, method, headers: [...request.headers], body: consume(request).toBase64(), mode, destination };
}

/** A request that the engine tells a worker of. */
export function requestFrom({ url, method, headers, body: bytes, mode, destination }) {
  const bodiless = method === "GET" || method === "HEAD";
  const request = new Request(url, { method, headers, body: bodiless ? undefined : Uint8Array.fromBase64(bytes) });
  return Object.assign(request, { mode, destination });
}

/** A response as the engine is told of it; its body is used up. */
export function responseInfo(response) {
  const { url, status, statusText } = response;
  return { url, status, status_text: statusText, headers: [...response.headers], body: consume(response).toBase64() };
}

function responseFrom({ url, status, status_text: statusText, headers, body: bytes }) {
  const empty = [101, 103, 204, 205, 304].includes(status);
  const response = new Response(empty ? null : Uint8Array.fromBase64(bytes), { status, statusText, headers });
  response.url = url;
  response.type = "basic";
  return response;
}

export async function fetch(input, init) {
  const request = new Request(input, init);
  request.signal.throwIfAborted();
  const call = { call: "fetch", ...requestInfo(request) };
  return responseFrom(await Promise.race([ask(call), aborted(request.signal)]));
}
