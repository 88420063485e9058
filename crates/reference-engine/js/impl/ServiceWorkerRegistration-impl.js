import * as PeriodicSyncManager from "../gen/PeriodicSyncManager.js";
import * as SyncManager from "../gen/SyncManager.js";
import { ask } from "../src/calls.js";
import { eventHandler } from "../src/event-handler.js";
import { options } from "../src/natives.js";
import { notificationFrom, notificationInfo } from "../src/notifications.js";
import { registrationFor } from "../src/registrations.js";
import { implementation as EventTarget } from "./EventTarget-impl.js";

export class implementation extends EventTarget {
  constructor(realm, args, { id, scope, update_via_cache: updateViaCache }) {
    super(realm, args);
    this.id = id;
    this.scope = scope;
    this.updateViaCache = updateViaCache;
    this.installing = null;
    this.waiting = null;
    this.active = null;
    // Each has one manager of each kind (sync.attr, periodic.attr).
    if (options.background_sync) {
      this.sync = SyncManager.createImpl(realm, [], { registration: id });
      this.periodicSync = PeriodicSyncManager.createImpl(realm, [], { registration: id });
    }
    eventHandler(this, this, "updatefound");
  }

  async update() {
    return registrationFor(await ask({ call: "update", registration: this.id }));
  }

  unregister() {
    return ask({ call: "unregister", registration: this.id });
  }

  async showNotification(title, options) {
    const notification = notificationInfo(title, options);
    await ask({ call: "showNotification", registration: this.id, notification, renotify: options.renotify });
  }

  async getNotifications({ tag }) {
    const all = await ask({ call: "getNotifications", registration: this.id, tag: tag.toWellFormed() });
    return all.map(notificationFrom);
  }
}
