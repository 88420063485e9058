import { toJson } from "./json.js";
import { natives } from "./natives.js";

const native = (request) => JSON.parse(natives.url(toJson(request)));
const usv = (value) => String(value).toWellFormed();
const parse = (input, base) => native({ op: "parse", input: usv(input), base: base === undefined ? null : usv(base) });

/** The absolute form of `input`; a TypeError if there is none. */
export function resolveUrl(input, base) {
  const parts = parse(input, base);
  if (parts === null) throw new TypeError(`"${usv(input)}" is not a valid URL.`);
  return parts.href;
}

/** The absolute form of a script's address; HTML has a `SyntaxError` where there is none. */
export function resolveScriptUrl(input, base) {
  try {
    return resolveUrl(input, base);
  } catch (error) {
    throw error instanceof TypeError ? new DOMException(error.message, "SyntaxError") : error;
  }
}

/** URL Standard `URLSearchParams`, as a list of name and value pairs. */
export class URLSearchParams {
  #list = [];
  #changed = () => {};

  constructor(init = "") {
    if (typeof init === "object" && init !== null) {
      const pairs = typeof init[Symbol.iterator] === "function" ? [...init] : Object.entries(init);
      this.#list = pairs.map(([name, value]) => [usv(name), usv(value)]);
    } else {
      this.#read(usv(init));
    }
  }

  /** Ties the list to a URL: `changed` is told each new text. */
  static tie(params, changed) {
    params.#changed = changed;
    return (text) => params.#read(text);
  }

  #read(text) {
    this.#list = native({ op: "parseQuery", text: text.startsWith("?") ? text.slice(1) : text });
  }

  #write(list) {
    this.#list = list;
    this.#changed(this.toString());
  }

  get size() {
    return this.#list.length;
  }

  append(name, value) {
    this.#write([...this.#list, [usv(name), usv(value)]]);
  }

  delete(name, value) {
    const same = (pair) => pair[0] === usv(name) && (value === undefined || pair[1] === usv(value));
    this.#write(this.#list.filter((pair) => !same(pair)));
  }

  get(name) {
    return this.#list.find((pair) => pair[0] === usv(name))?.[1] ?? null;
  }

  getAll(name) {
    return this.#list.filter((pair) => pair[0] === usv(name)).map((pair) => pair[1]);
  }

  has(name, value) {
    return this.getAll(name).some((found) => value === undefined || found === usv(value));
  }

  set(name, value) {
    const pair = [usv(name), usv(value)];
    const first = this.#list.findIndex((other) => other[0] === pair[0]);
    if (first < 0) this.#write([...this.#list, pair]);
    else this.#write(this.#list.flatMap((other, index) => (index === first ? [pair] : other[0] === pair[0] ? [] : [other])));
  }

  sort() {
    this.#write(this.#list.toSorted((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0)));
  }

  forEach(callback, receiver) {
    for (const [name, value] of this.#list) Reflect.apply(callback, receiver, [value, name, this]);
  }

  *entries() {
    for (const [name, value] of this.#list) yield [name, value];
  }

  *keys() {
    for (const [name] of this.#list) yield name;
  }

  *values() {
    for (const [, value] of this.#list) yield value;
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  toString() {
    return native({ op: "serializeQuery", pairs: this.#list });
  }

  get [Symbol.toStringTag]() {
    return "URLSearchParams";
  }
}

/** URL Standard `URL`. Parsing is the `url` crate's. */
export class URL {
  #parts;
  #params = null;
  #reread = () => {};

  constructor(input, base) {
    this.#parts = parse(input, base);
    if (this.#parts === null) throw new TypeError(`"${usv(input)}" is not a valid URL.`);
  }

  static canParse(input, base) {
    return parse(input, base) !== null;
  }

  static parse(input, base) {
    return URL.canParse(input, base) ? new URL(input, base) : null;
  }

  static {
    for (const part of ["protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"]) {
      Object.defineProperty(URL.prototype, part, {
        get: { [part]() { return this.#parts[part]; } }[part],
        set: { [part](value) { this.#set(part, usv(value)); } }[part],
        enumerable: true,
        configurable: true,
      });
    }
  }

  #set(part, value) {
    this.#parts = native({ op: "set", href: this.#parts.href, part, value });
    if (part === "search") this.#reread(this.#parts.search);
  }

  get href() {
    return this.#parts.href;
  }

  set href(value) {
    this.#parts = new URL(value).#parts;
    this.#reread(this.#parts.search);
  }

  get origin() {
    return this.#parts.origin;
  }

  get searchParams() {
    if (this.#params === null) {
      this.#params = new URLSearchParams(this.#parts.search);
      this.#reread = URLSearchParams.tie(this.#params, (value) => {
        this.#parts = native({ op: "set", href: this.#parts.href, part: "search", value });
      });
    }
    return this.#params;
  }

  toString() {
    return this.#parts.href;
  }

  toJSON() {
    return this.#parts.href;
  }

  get [Symbol.toStringTag]() {
    return "URL";
  }
}
