import { tell } from "./calls.js";
import { whenSettled } from "./promises.js";
import { describeReason } from "./report.js";

const report = (runId, result) => tell({ call: "runSettled", run_id: runId, result });

/** Tells the engine that an expression it ran threw. */
export const failRun = (runId, text) => report(runId, { Err: text });

/** Tells the engine the result of an expression it ran: its JSON text when it has one, once it has settled. */
export function finishRun(runId, value) {
  const failed = (reason) => failRun(runId, describeReason(reason));
  whenSettled(
    new Promise((resolve) => resolve(value)),
    (result) => {
      try {
        report(runId, { Ok: (JSON.stringify(result) ?? "null").toWellFormed() });
      } catch (error) {
        failed(error);
      }
    },
    failed,
  );
}
