//! What scripts ask of the engine, and what it answers.

use background_sync::registration::{MinInterval, Tag};
use serde::{Deserialize, Serialize};

use super::base64_bytes;
use super::info::{ClientWorkerKind, NotificationInfo, PermissionName, UpdateViaCache};
use super::message::{Message, Recipient};

/// One call of one realm. Ids rise in call order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub(super) u32);

/// A script's call out. Those with an [`Answer`](super::Answer) named wait for
/// [`Realm::settle`](super::Realm::settle).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "call", rename_all = "camelCase")]
pub enum Call {
    /// `registration.sync.register(tag)`. Answer: `Answer::Nothing`.
    SyncRegister {
        /// The registration whose manager was used.
        registration: u64,
        /// The tag; lone surrogates are ordinary in it.
        tag: Tag,
    },
    /// `registration.sync.getTags()`. Answer: `Answer::Tags`.
    SyncGetTags {
        /// The registration whose manager was used.
        registration: u64,
    },
    /// `registration.periodicSync.register(tag, options)`. Answer: `Answer::Nothing`.
    PeriodicSyncRegister {
        /// The registration whose manager was used.
        registration: u64,
        /// The tag.
        tag: Tag,
        /// `options.minInterval`, converted: a whole number of milliseconds below 2^53.
        min_interval: MinInterval,
    },
    /// `registration.periodicSync.getTags()`. Answer: `Answer::Tags`.
    PeriodicSyncGetTags {
        /// The registration whose manager was used.
        registration: u64,
    },
    /// `registration.periodicSync.unregister(tag)`. Answer: `Answer::Nothing`.
    PeriodicSyncUnregister {
        /// The registration whose manager was used.
        registration: u64,
        /// The tag.
        tag: Tag,
    },
    /// `fetch(...)`. Answer: `Answer::Response`; a network error is a `DomError::type_error`.
    Fetch(FetchRequest),
    /// `navigator.serviceWorker.register(...)`, addresses resolved. Answer: `Answer::Registration`.
    RegisterServiceWorker {
        /// The worker's script.
        script_url: String,
        /// The scope asked for; none means the script's folder.
        scope: Option<String>,
        /// Which of its scripts the HTTP cache may answer for.
        update_via_cache: UpdateViaCache,
    },
    /// `navigator.serviceWorker.ready` was read for the first time. Answer: `Answer::Registration`, once a worker is active.
    ServiceWorkerReady,
    /// `navigator.serviceWorker.getRegistration(...)`. Answer: `Answer::Registration` or `Answer::Nothing`.
    GetRegistration {
        /// The address whose registration is asked for.
        url: String,
    },
    /// `navigator.serviceWorker.getRegistrations()`. Answer: `Answer::Registrations`.
    GetRegistrations,
    /// `registration.update()`. Answer: `Answer::Registration`.
    Update {
        /// The registration.
        registration: u64,
    },
    /// `registration.unregister()`. Answer: `Answer::Flag`, true if there was something to remove.
    Unregister {
        /// The registration.
        registration: u64,
    },
    /// `self.skipWaiting()`. Answer: `Answer::Nothing`.
    SkipWaiting,
    /// `clients.claim()`. Answer: `Answer::Nothing`.
    ClientsClaim,
    /// `clients.matchAll(...)`. Answer: `Answer::Clients`.
    ClientsMatchAll {
        /// Whether clients that this worker does not control count too.
        include_uncontrolled: bool,
        /// `window`, `worker`, `sharedworker` or `all`.
        kind: String,
    },
    /// `clients.get(id)`. Answer: `Answer::Client` or `Answer::Nothing`.
    ClientsGet {
        /// The client's id.
        id: String,
    },
    /// `clients.openWindow(url)`. Answer: `Answer::Client`, or `Answer::Nothing` for a page of another origin.
    OpenWindow {
        /// The address, resolved.
        url: String,
    },
    /// `client.focus()`. Answer: `Answer::Client`.
    FocusClient {
        /// The client's id.
        id: String,
    },
    /// `navigator.permissions.query({ name })`. Answer: `Answer::Permission`.
    QueryPermission {
        /// One of the names that the IDL lists.
        name: PermissionName,
    },
    /// `Notification.requestPermission()`. Answer: `Answer::Permission`.
    RequestNotificationPermission,
    /// `registration.showNotification(...)`, or `new Notification(...)`. Answer: `Answer::Nothing`.
    ShowNotification {
        /// The registration; none for a page's own notification.
        registration: Option<u64>,
        /// What is shown.
        notification: NotificationInfo,
        /// Whether the user is alerted again when it takes the place of another.
        renotify: bool,
    },
    /// `registration.getNotifications(...)`. Answer: `Answer::Notifications`.
    GetNotifications {
        /// The registration.
        registration: u64,
        /// Only those with this tag; empty for all.
        tag: String,
    },
    /// `notification.close()`. Needs no answer.
    CloseNotification {
        /// The notification.
        id: String,
    },
    /// `postMessage(...)` of any object that has one. Needs no answer.
    PostMessage {
        /// Whom it is for.
        to: Recipient,
        /// The message.
        message: Message,
    },
    /// A port is sent away with this message still in it. Needs no answer.
    ReturnMessage {
        /// The port.
        port: String,
        /// The message.
        message: Message,
    },
    /// Two new ports, each the other's end, both in this realm. Needs no answer.
    EntanglePorts {
        /// Their names.
        ports: [String; 2],
    },
    /// A port is closed. Needs no answer.
    ClosePort {
        /// Its name.
        port: String,
    },
    /// `new Worker(...)` or `new SharedWorker(...)`. Needs no answer.
    StartWorker {
        /// Which.
        kind: ClientWorkerKind,
        /// The script, resolved.
        script_url: String,
        /// The name asked for; may be empty.
        name: String,
        /// The worker's end of a pair of ports.
        port: String,
    },
    /// `worker.terminate()`. Needs no answer.
    TerminateWorker {
        /// The port that the worker was started with.
        port: String,
    },
    /// `self.close()` in a dedicated or shared worker. Needs no answer.
    CloseWorker,
    /// Who answers a request that a `fetch` event was fired for. Needs no answer.
    FetchAnswered {
        /// The engine's own id of the event.
        event_id: u64,
        /// Who.
        answer: FetchAnswer,
    },
    /// An event that the engine dispatched has ended. Needs no answer.
    EventSettled {
        /// The engine's own id of the event.
        event_id: u64,
        /// How it ended.
        outcome: EventOutcome,
    },
    /// An expression that the engine ran has its result. Needs no answer.
    RunSettled {
        /// The engine's own id of the run.
        run_id: u64,
        /// The value as JSON text (`null` if it has none), or the rejection's reason.
        result: Result<String, String>,
    },
}

/// How an extendable event ended.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "result", rename_all = "camelCase")]
pub enum EventOutcome {
    /// Every promise given to `waitUntil` was fulfilled, or there was none.
    Fulfilled,
    /// One was rejected; all have settled.
    Rejected {
        /// The first rejection's reason, as text.
        reason: String,
    },
}

/// Who answers a request that a `fetch` event was fired for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "by", rename_all = "camelCase")]
pub enum FetchAnswer {
    /// The worker, with this response.
    Worker {
        /// The response.
        response: FetchResponse,
    },
    /// The network: the worker did not ask for the request.
    Network,
    /// Nobody: a network error.
    Nobody,
}

/// A request as it leaves a script, or as a `fetch` event shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchRequest {
    /// The absolute address.
    pub url: String,
    /// The method, upper case where it is a standard one.
    pub method: String,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The body; empty when there is none.
    #[serde(with = "base64_bytes")]
    pub body: Vec<u8>,
    /// The request's mode: `cors`, `no-cors`, `same-origin` or `navigate`.
    pub mode: String,
    /// What it is for, such as `script`; empty for `fetch()`.
    pub destination: String,
}

impl FetchRequest {
    /// A plain GET.
    #[must_use]
    pub fn get(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            method: "GET".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            mode: "cors".to_owned(),
            destination: String::new(),
        }
    }
}

/// A response, on its way in or as a worker's answer to a `fetch` event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchResponse {
    /// The address after redirects.
    pub url: String,
    /// 200 to 599.
    pub status: u16,
    /// The reason phrase; may be empty.
    pub status_text: String,
    /// In order.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(with = "base64_bytes")]
    pub body: Vec<u8>,
}
