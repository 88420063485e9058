import { natives } from "./natives.js";
import { describeReason } from "./report.js";

const DEPTH = 4;

/** A value on one line, near enough to what developer tools print. */
function show(value, depth = DEPTH) {
  if (typeof value === "string") return depth === DEPTH ? value : JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error || value instanceof DOMException) return describeReason(value);
  if (depth === 0) return "…";
  if (Array.isArray(value)) return `[${value.map((item) => show(item, depth - 1)).join(", ")}]`;
  if (value instanceof Map) return `Map ${show([...value], depth - 1)}`;
  if (value instanceof Set) return `Set ${show([...value], depth - 1)}`;
  const own = Object.keys(value).map((key) => `${key}: ${show(value[key], depth - 1)}`);
  const name = value.constructor?.name;
  return `${name === undefined || name === "Object" ? "" : `${name} `}{${own.join(", ")}}`;
}

const number = (value, parse) => (typeof value === "symbol" ? "NaN" : String(parse(value)));
const specifiers = {
  s: (value) => (typeof value === "object" ? show(value) : String(value)),
  d: (value) => number(value, Number.parseInt),
  i: (value) => number(value, Number.parseInt),
  f: (value) => number(value, Number.parseFloat),
  o: (value) => show(value, DEPTH - 1),
  O: (value) => show(value, DEPTH - 1),
  c: () => "", // a style, which a line of text has not
};

/** Console's formatter: a first string may say how the next values are shown. */
function format([first, ...rest]) {
  if (typeof first !== "string" || rest.length === 0) return [first, ...rest].map((arg) => show(arg));
  const text = first.replace(/%([sdifoOc%])/g, (whole, kind) => {
    if (kind === "%") return "%";
    return rest.length === 0 ? whole : specifiers[kind](rest.shift());
  });
  return [text, ...rest.map((arg) => show(arg))];
}

function write(level, args) {
  let text;
  try {
    text = args.length === 0 ? "" : format(args).join(" ");
  } catch (error) {
    text = `a value that cannot be shown: ${describeReason(error)}`;
  }
  natives.log(level, text.toWellFormed(), "", 0);
}

const levels = {
  debug: "debug", log: "log", info: "info", warn: "warn", error: "error", trace: "debug", dir: "log", table: "log",
  group: "log", groupCollapsed: "log",
};
const counts = new Map();

export const console = { groupEnd() {}, time() {}, timeEnd() {}, timeLog() {} };
for (const [name, level] of Object.entries(levels)) {
  console[name] = { [name](...args) { write(level, args); } }[name];
}
console.assert = function assert(condition, ...args) {
  if (!condition) write("error", ["Assertion failed", ...args]);
};
console.count = function count(label = "default") {
  counts.set(label, (counts.get(label) ?? 0) + 1);
  write("log", [`${label}: ${counts.get(label)}`]);
};
