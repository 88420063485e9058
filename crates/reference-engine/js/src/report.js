import { natives } from "./natives.js";

const OWN_FILE = "web-platform.js";

/** The first place in a stack trace that is not ours: `at f (file:line:column)`. */
function place(stack) {
  for (const line of String(stack).split("\n")) {
    const found = /^\s*at (?:.*\()?(.+?):(\d+)(?::\d+)?\)?$/.exec(line);
    if (found && found[1] !== OWN_FILE && found[1] !== "native") return { file: found[1], line: Number(found[2]) };
  }
  return { file: "", line: 0 };
}

const text = (value) => {
  try {
    return String(value).toWellFormed();
  } catch {
    return "a value that cannot be shown";
  }
};

/** Name, message and place of anything that was thrown, errors or not, even if looking at it throws. */
export function describe(thrown) {
  try {
    if (thrown !== null && typeof thrown === "object" && "message" in thrown) {
      return { name: text(thrown.name ?? "Error"), message: text(thrown.message), ...place(thrown.stack) };
    }
  } catch {
    return { name: "", message: "an object that cannot be shown", file: "", line: 0 };
  }
  return { name: "", message: text(thrown), file: "", line: 0 };
}

/** A rejection's reason as one line. */
export function describeReason(reason) {
  const { name, message } = describe(reason);
  return [name, message].filter((part) => part !== "").join(": ");
}

/** The same with its place, for a reason that nothing else points to. */
export function describeFailure(reason) {
  const { file, line } = describe(reason);
  return file === "" ? describeReason(reason) : `${describeReason(reason)}, ${file}:${line}`;
}

function log(level, thrown) {
  const { file, line } = describe(thrown);
  natives.log(level, describeReason(thrown), file, line);
}

/** A line of the platform's own. */
export const reportText = (level, message) => natives.log(level, message, "", 0);

/** Lets scripts see what nobody caught; true if one of them has dealt with it. */
let tellScripts = { error: () => false, rejection: () => false };

export function onUncaught(listeners) {
  tellScripts = listeners;
}

let reporting = false;

/** An exception that left a listener, a timer or a task. One thrown while another is reported is only logged. */
export function reportException(thrown) {
  if (!reporting) {
    reporting = true;
    try {
      if (tellScripts.error(thrown, describe(thrown))) return;
    } finally {
      reporting = false;
    }
  }
  log("uncaughtError", thrown);
}

/** HTML's `reportError`. */
export function reportError(thrown) {
  if (arguments.length === 0) throw new TypeError("What is to be reported is missing.");
  reportException(thrown);
}

const unhandled = new Map();

/** The engine's notice that a promise was rejected without a handler, or got one after all. */
export function trackRejection(promise, reason, handled) {
  if (handled) unhandled.delete(promise);
  else unhandled.set(promise, reason);
}

/** Called when the microtasks have run out: what is still unhandled now is reported. */
export function reportRejections() {
  const rejections = [...unhandled];
  unhandled.clear();
  for (const [promise, reason] of rejections) {
    if (!tellScripts.rejection(promise, reason)) log("unhandledRejection", reason);
  }
}
