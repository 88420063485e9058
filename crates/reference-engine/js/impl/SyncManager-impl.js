import { ask } from "../src/calls.js";
import { fromUnits, toUnits } from "../src/units.js";

/** The one-shot manager of one registration. The engine decides; here only the question is put. */
export class implementation {
  constructor(realm, args, { scope }) {
    this.scope = scope;
  }

  register(tag) {
    return ask({ call: "syncRegister", scope: this.scope, tag: toUnits(tag) });
  }

  async getTags() {
    const tags = await ask({ call: "syncGetTags", scope: this.scope });
    return tags.map(fromUnits);
  }
}
