import * as FetchEvent from "../gen/FetchEvent.js";
import { tell } from "./calls.js";
import { fireExtendable } from "./dispatch.js";
import { isResponse, requestFrom, responseInfo } from "./fetch.js";
import { intrinsics } from "./intrinsics.js";
import { whenSettled } from "./promises.js";
import { describeReason, reportText } from "./report.js";
import { plain } from "./simple-events.js";

/** Fires `fetch`; the engine is told who answers the request: the worker, the network, or nobody. */
export const dispatchFetch = (target) => (eventId, json, clientId) => {
  const answered = (answer) => tell({ call: "fetchAnswered", event_id: eventId, answer });
  let resolve;
  let reject;
  const handled = new Promise((...both) => ([resolve, reject] = both));
  whenSettled(handled, () => {}, () => {});
  const init = { ...plain, cancelable: true, request: requestFrom(JSON.parse(json)), clientId, resultingClientId: "", handled };
  const event = FetchEvent.createImpl(intrinsics, ["fetch", init]);
  const fail = (why) => {
    reportText("error", `The answer to a fetch event is no use: ${why}`);
    answered({ by: "nobody" });
    reject(new TypeError(why));
  };
  const take = (response) => {
    if (!isResponse(response)) return fail("it is no Response");
    if (response.bodyUsed) return fail("its body has been read already");
    if (response.type === "error") return fail("it is a network error");
    try {
      answered({ by: "worker", response: responseInfo(response) });
    } catch (error) {
      return fail(describeReason(error)); // A script can write to any member of a response.
    }
    return resolve();
  };
  // Before the event can end: the engine hears of the answer first.
  event.takeAnswer = (promise) => whenSettled(promise, take, (reason) => fail(describeReason(reason)));
  fireExtendable(target, eventId, event, () => {
    if (event.answered) return;
    answered(event.defaultPrevented ? { by: "nobody" } : { by: "network" });
    resolve();
  });
};
