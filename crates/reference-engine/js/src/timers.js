import { now } from "./clock.js";
import { reportException } from "./report.js";

// One queue for timers and for tasks of other sources, ordered by (due, id): on equal times the elder goes first.
const queue = [];
let lastId = 0;
let nesting = 0;

const before = (a, b) => a.due < b.due || (a.due === b.due && a.id < b.id);

function insert(entry) {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(queue[middle], entry)) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, entry);
}

/** Runs `step` as a task of its own after `delay` milliseconds. */
export function startTimer(delay, step) {
  lastId += 1;
  insert({ id: lastId, due: now() + delay, step, every: null, nesting: 0 });
  return lastId;
}

/** Runs `step` as a task of its own, now but after what is queued already. */
export const queueTask = (step) => startTimer(0, step);

// HTML: from the fifth nested timer on, 4 ms at least. Without it a zero timer would hold virtual time still.
const clamp = (delay, depth) => Math.max(depth > 5 ? 4 : 0, delay | 0, 0);

function addTimer(handler, delay, args, repeats) {
  if (typeof handler !== "function") {
    throw new TypeError("The reference engine takes functions only as timer handlers.");
  }
  lastId += 1;
  const depth = nesting + 1;
  const wait = clamp(delay, depth);
  const step = () => Reflect.apply(handler, globalThis, args);
  insert({ id: lastId, due: now() + wait, step, every: repeats ? delay | 0 : null, nesting: depth });
  return lastId;
}

function clear(id) {
  const index = queue.findIndex((entry) => entry.id === id && entry.nesting > 0);
  if (index >= 0) queue.splice(index, 1);
  else if (running?.id === id) running.every = null;
}

let running = null;

/** When the next task is due, or -1. */
export const nextDue = () => (queue.length === 0 ? -1 : queue[0].due);

/** Runs one task that is due at `time`; false if there is none. */
export function runDue(time) {
  if (queue.length === 0 || queue[0].due > time) return false;
  running = queue.shift();
  nesting = running.nesting;
  try {
    running.step();
  } catch (error) {
    reportException(error);
  }
  nesting = 0;
  if (running.every !== null) {
    running.nesting += 1;
    running.due = now() + clamp(running.every, running.nesting);
    insert(running);
  }
  running = null;
  return true;
}

export const timerFunctions = {
  setTimeout(handler, delay = 0, ...args) {
    return addTimer(handler, delay, args, false);
  },
  setInterval(handler, delay = 0, ...args) {
    return addTimer(handler, delay, args, true);
  },
  clearTimeout(id = 0) {
    clear(id);
  },
  clearInterval(id = 0) {
    clear(id);
  },
};
