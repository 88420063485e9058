import { ask } from "../src/calls.js";
import { fromCrossing, toCrossing } from "../src/units.js";

/** The one-shot manager of one registration. The engine decides; here only the question is put. */
export class implementation {
  constructor(realm, args, { registration }) {
    this.registration = registration;
  }

  register(tag) {
    return ask({ call: "syncRegister", registration: this.registration, tag: toCrossing(tag) });
  }

  async getTags() {
    const tags = await ask({ call: "syncGetTags", registration: this.registration });
    return tags.map(fromCrossing);
  }
}
