import { ambient } from "../src/ambient.js";
import { ask, tell } from "../src/calls.js";
import { eventHandler } from "../src/event-handler.js";
import { options } from "../src/natives.js";
import { dataOf, forgetNotification, notificationInfo, rememberNotification } from "../src/notifications.js";
import { whenSettled } from "../src/promises.js";
import { fireSimple } from "../src/simple-events.js";
import { implementation as EventTarget } from "./EventTarget-impl.js";

/** Notifications API `Notification`, made by a page or standing for one that a registration has. */
export class implementation extends EventTarget {
  constructor(realm, [title, init], info) {
    super(realm, [title, init]);
    const made = info.id === undefined; // by a script
    if (made && options.kind === "ServiceWorker") {
      throw new TypeError("A service worker shows notifications with registration.showNotification().");
    }
    if (made && init.actions.length > 0) throw new TypeError("A page's own notification has no buttons.");
    this.info = made ? notificationInfo(title, init) : info;
    this.data = dataOf(this.info);
    this.actions = Object.freeze(this.info.actions.map(([action, text]) => Object.freeze({ action, title: text })));
    for (const type of ["click", "show", "close", "error"]) eventHandler(this, this, type);
    if (made) this.show(init.renotify);
  }

  show(renotify) {
    rememberNotification(this.info.id, this);
    const shown = ask({ call: "showNotification", registration: null, notification: this.info, renotify });
    whenSettled(shown, () => fireSimple(this, "show"), () => {
      forgetNotification(this.info.id);
      fireSimple(this, "error");
    });
  }

  static get permission() {
    return ambient.notifications === "prompt" ? "default" : ambient.notifications;
  }

  static async requestPermission() {
    const state = await ask({ call: "requestNotificationPermission" });
    return state === "prompt" ? "default" : state;
  }

  get title() {
    return this.info.title;
  }

  get body() {
    return this.info.body;
  }

  get tag() {
    return this.info.tag;
  }

  get icon() {
    return this.info.icon;
  }

  get requireInteraction() {
    return this.info.require_interaction;
  }

  get silent() {
    return this.info.silent;
  }

  close() {
    tell({ call: "closeNotification", id: this.info.id });
  }
}
