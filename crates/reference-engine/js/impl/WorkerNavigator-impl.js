import { ambient } from "../src/ambient.js";

export class implementation {
  get onLine() {
    return ambient.onLine;
  }

  get userAgent() {
    return "background-sync-reference-engine";
  }
}
