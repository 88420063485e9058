import * as Notification from "../gen/Notification.js";
import { options } from "./natives.js";
import { decode, encode } from "./codec.js";
import { intrinsics } from "./intrinsics.js";
import { ambient } from "./ambient.js";
import { resolveUrl } from "./url.js";
import { fireSimple } from "./simple-events.js";

// Those a page made itself: they hear of what the user does with them.
const own = new Map();

let last = 0;

/** What the engine is told of a notification. */
export function notificationInfo(title, { body, tag, icon, requireInteraction, silent, data, actions, renotify }) {
  if (renotify && tag === "") throw new TypeError("A notification that notifies again needs a tag.");
  last += 1;
  return {
    id: `${options.realm}.${last}`,
    title: title.toWellFormed(),
    body: body.toWellFormed(),
    tag: tag.toWellFormed(),
    icon: icon === "" ? "" : resolveUrl(icon, ambient.location.href),
    require_interaction: requireInteraction,
    silent,
    data: encode(data),
    actions: actions.map(({ action, title: text }) => [action.toWellFormed(), text.toWellFormed()]),
  };
}

export const notificationFrom = (info) => Notification.create(intrinsics, [info.title, null], info);

export const rememberNotification = (id, notification) => own.set(id, notification);

export const forgetNotification = (id) => own.delete(id);

/** What was given as data comes back as a copy. */
export const dataOf = (info) => decode(JSON.parse(info.data));

/** What has happened to a notification that a page made. */
export function notificationHappened(id, type) {
  const notification = own.get(id);
  if (notification === undefined) return;
  fireSimple(notification, type);
  if (type === "close") forgetNotification(id);
}
