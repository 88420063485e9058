import { queueTask as queue } from "../timers.js";

/** Tasks of IndexedDB. The errors of listeners come bundled, and each has been reported when it was thrown. */
export const queueTask = (step) => queue(() => {
  try {
    step();
  } catch (error) {
    if (!(error instanceof AggregateError)) throw error;
  }
});
