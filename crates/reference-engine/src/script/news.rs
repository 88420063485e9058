//! What the engine tells a realm: events to fire, and changes around it.

use background_sync::registration::Tag;
use serde::Serialize;

use super::natives::as_number;
use super::realm::{Realm, to_json};
use super::{
    ContainerMessage, FetchRequest, Message, NotificationInfo, PermissionName, PermissionState, RegistrationInfo,
    WorkerInfo, WorkerMessage,
};

/// An event of a worker's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// `install`.
    Install,
    /// `activate`.
    Activate,
}

/// What the user did with a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotificationEvent {
    /// Clicked it, or one of its buttons.
    Click,
    /// Put it away.
    Close,
}

/// Events have numbers below 2^53; the end of one comes as [`EventSettled`](super::Call::EventSettled) with its number.
impl Realm {
    /// Fires `install` or `activate`. Service workers only.
    pub fn dispatch_lifecycle(&mut self, event_id: u64, event: Lifecycle) {
        let kind = match event {
            Lifecycle::Install => "install",
            Lifecycle::Activate => "activate",
        };
        self.enter_quietly("", |ctx, host| host.tell(ctx, "dispatchLifecycle", (as_number(event_id), kind)));
    }

    /// Fires `sync`. Service workers only.
    pub fn dispatch_sync(&mut self, event_id: u64, tag: &Tag, last_chance: bool) {
        let args = (as_number(event_id), to_json(tag), last_chance);
        self.enter_quietly("", |ctx, host| host.tell(ctx, "dispatchSync", args));
    }

    /// Fires `periodicsync`. Service workers only.
    pub fn dispatch_periodic_sync(&mut self, event_id: u64, tag: &Tag) {
        let args = (as_number(event_id), to_json(tag));
        self.enter_quietly("", |ctx, host| host.tell(ctx, "dispatchPeriodicSync", args));
    }

    /// Changes `navigator.onLine` and fires `online` or `offline`.
    pub fn set_online(&mut self, online: bool) {
        self.enter_quietly("", |ctx, host| host.tell(ctx, "setOnline", (online,)));
    }

    /// Brings the registration's object up to date, if the script has one, fires `statechange` at its workers, and
    /// `updatefound` if a worker has begun to install.
    pub fn registration_changed(&mut self, registration: &RegistrationInfo, update_found: bool) {
        #[derive(Serialize)]
        struct Change<'a> {
            registration: &'a RegistrationInfo,
            update_found: bool,
        }
        let json = to_json(&Change { registration, update_found });
        self.enter_quietly("", |ctx, host| host.tell(ctx, "registrationChanged", (json,)));
    }

    /// Another service worker, or none, controls this client: fires `controllerchange`. Clients only.
    pub fn controller_changed(&mut self, controller: Option<&WorkerInfo>) {
        let json = to_json(&controller);
        self.enter_quietly("", |ctx, host| host.tell(ctx, "controllerChanged", (json,)));
    }

    /// The client's scripts have run: messages for `navigator.serviceWorker` come through, and a page gets its `load`.
    pub fn loaded(&mut self) {
        self.enter_quietly("", |ctx, host| host.tell(ctx, "loaded", ()));
    }

    /// A message comes out of the port of this name. Says whether it is here: a script may just have sent it away.
    pub fn port_message(&mut self, port: &str, message: &Message) -> bool {
        let args = (port.to_owned(), to_json(message));
        self.enter_quietly("", |ctx, host| host.call(ctx, "portMessage", args)).unwrap_or(false)
    }

    /// The other end of this port is gone: no message will come any more.
    pub fn port_is_alone(&mut self, port: &str) {
        let port = port.to_owned();
        self.enter_quietly("", |ctx, host| host.tell(ctx, "portIsAlone", (port,)));
    }

    /// A service worker sends a message to this client.
    pub fn container_message(&mut self, message: &ContainerMessage) {
        let json = to_json(message);
        self.enter_quietly("", |ctx, host| host.tell(ctx, "containerMessage", (json,)));
    }

    /// One more page uses this shared worker, through this port.
    pub fn connect(&mut self, port: &str) {
        let port = port.to_owned();
        self.enter_quietly("", |ctx, host| host.tell(ctx, "connect", (port,)));
    }

    /// Fires `message` at a service worker.
    pub fn dispatch_message(&mut self, event_id: u64, message: &WorkerMessage) {
        let args = (as_number(event_id), to_json(message));
        self.enter_quietly("", |ctx, host| host.tell(ctx, "dispatchMessage", args));
    }

    /// Fires `notificationclick` or `notificationclose` at a service worker. `action` is the button's name, or empty.
    pub fn dispatch_notification(
        &mut self,
        event_id: u64,
        event: NotificationEvent,
        notification: &NotificationInfo,
        action: &str,
    ) {
        let kind = match event {
            NotificationEvent::Click => "notificationclick",
            NotificationEvent::Close => "notificationclose",
        };
        let args = (as_number(event_id), kind, to_json(notification), action.to_owned());
        self.enter_quietly("", |ctx, host| host.tell(ctx, "dispatchNotification", args));
    }

    /// Something happened to a notification that this page made.
    pub fn notification_happened(&mut self, id: &str, event: NotificationEvent) {
        let kind = match event {
            NotificationEvent::Click => "click",
            NotificationEvent::Close => "close",
        };
        let id = id.to_owned();
        self.enter_quietly("", |ctx, host| host.tell(ctx, "notificationHappened", (id, kind)));
    }

    /// Fires `fetch` at a service worker for a request of the client of this id. Who answers comes as
    /// [`FetchAnswered`](super::Call::FetchAnswered).
    pub fn dispatch_fetch(&mut self, event_id: u64, request: &FetchRequest, client: &str) {
        let args = (as_number(event_id), to_json(request), client.to_owned());
        self.enter_quietly("", |ctx, host| host.tell(ctx, "dispatchFetch", args));
    }

    /// Brings `PermissionStatus` objects and `Notification.permission` up to date; fires `change`.
    pub fn permission_changed(&mut self, name: PermissionName, state: PermissionState) {
        let state = match state {
            PermissionState::Granted => "granted",
            PermissionState::Prompt => "prompt",
            PermissionState::Denied => "denied",
        };
        self.enter_quietly("", |ctx, host| host.tell(ctx, "permissionChanged", (name.name(), state)));
    }
}
