import { Request as PonyfillRequest, Response as PonyfillResponse } from "whatwg-fetch";
import { ambient } from "./ambient.js";
import { ask } from "./calls.js";
import { TextDecoder, TextEncoder } from "./encoding.js";
import { Headers } from "./headers.js";
import { implForWrapper } from "../gen/utils.js";
import { resolveUrl, URL, URLSearchParams } from "./url.js";

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

// Those that a constructor takes at all.
const WITHOUT_BODY = [204, 205, 304];
const REDIRECTS = [301, 302, 303, 307, 308];

export class Response extends PonyfillResponse {
  constructor(content = null, init = {}) {
    const statusText = `${init?.statusText ?? ""}`;
    if (/[^\t\x20-\x7e\x80-\xff]/.test(statusText)) throw new TypeError("The status text cannot be sent.");
    super(null, { status: init?.status, statusText, headers: init?.headers });
    const { bytes, type } = extract(content);
    if (bytes !== null && WITHOUT_BODY.includes(this.status)) {
      throw new TypeError(`A response of status ${this.status} has no body.`);
    }
    this.redirected = false;
    initBody(this, { bytes, type });
  }

  clone() {
    if (this.bodyUsed) throw new TypeError("The response's body has already been read.");
    return responseFrom({ ...this, status_text: this.statusText }, bodies.get(this));
  }

  static json(data, init = {}) {
    const headers = new Headers(init.headers);
    if (!headers.has("content-type")) headers.set("content-type", "application/json");
    return new Response(JSON.stringify(data), { ...init, headers });
  }

  static error() {
    return Object.assign(new Response(), { type: "error", status: 0, ok: false });
  }

  static redirect(url, status = 302) {
    const location = resolveUrl(url, ambient.location.href);
    if (!REDIRECTS.includes(status)) throw new RangeError(`${status} is no status of a redirect.`);
    return new Response(null, { status, headers: { location } });
  }
}

/** A response that did not come from a script; `bytes` is null for none. */
export function responseFrom({ url, type, redirected, status, status_text: statusText, headers }, bytes) {
  const response = type === "error" ? Response.error() : new Response(null, { status, statusText, headers });
  bodies.set(response, bytes);
  return Object.assign(response, { url, type, redirected });
}

export const isRequest = (value) => value instanceof Request && bodies.has(value);
export const isResponse = (value) => value instanceof Response && bodies.has(value);

/** Reads a message's body to its end; null if it has none. */
export function takeBody(message) {
  const bytes = consume(message);
  return bodies.get(message) === null ? null : bytes;
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

/** What `Response.type` says; one without an address was made by a service worker. */
function typeOf(url) {
  if (url === "") return "default";
  return new URL(url).origin === ambient.location.origin ? "basic" : "cors";
}

export async function fetch(input, init) {
  const request = new Request(input, init);
  request.signal.throwIfAborted();
  const call = { call: "fetch", ...requestInfo(request) };
  const answer = await Promise.race([ask(call), aborted(request.signal)]);
  const type = typeOf(answer.url);
  const bytes = WITHOUT_BODY.includes(answer.status) ? null : Uint8Array.fromBase64(answer.body);
  return responseFrom({ ...answer, type, redirected: false }, bytes);
}
