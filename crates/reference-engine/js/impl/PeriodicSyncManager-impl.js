import { ask } from "../src/calls.js";
import { fromCrossing, toCrossing } from "../src/units.js";

/** The periodic manager of one registration. The engine decides; here only the question is put. */
export class implementation {
  constructor(realm, args, { registration }) {
    this.registration = registration;
  }

  register(tag, { minInterval }) {
    const { registration } = this;
    return ask({ call: "periodicSyncRegister", registration, tag: toCrossing(tag), min_interval: minInterval });
  }

  async getTags() {
    const tags = await ask({ call: "periodicSyncGetTags", registration: this.registration });
    return tags.map(fromCrossing);
  }

  unregister(tag) {
    return ask({ call: "periodicSyncUnregister", registration: this.registration, tag: toCrossing(tag) });
  }
}
