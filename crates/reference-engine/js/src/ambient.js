import { options } from "./natives.js";
import { URL } from "./url.js";

/** What surrounds the scripts of this realm and may change while they run. */
export const ambient = {
  onLine: options.online,
  location: new URL(options.location),
  /** The permission to show notifications. */
  notifications: options.notifications,
};
