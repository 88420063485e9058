//! What scripts ask of the engine, and what it answers.

use serde::{Deserialize, Serialize};

/// One call of one realm. Ids rise in call order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub(super) u32);

/// A script's call out. Those with an [`Answer`] named wait for [`Realm::settle`](super::Realm::settle).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "call", rename_all = "camelCase")]
pub enum Call {
    /// `registration.sync.register(tag)`. Answer: [`Answer::Nothing`].
    SyncRegister {
        /// The scope of the registration whose manager was used.
        scope: String,
        /// The tag's UTF-16 code units; lone surrogates are ordinary here.
        tag: Vec<u16>,
    },
    /// `registration.sync.getTags()`. Answer: [`Answer::Tags`].
    SyncGetTags {
        /// The scope of the registration whose manager was used.
        scope: String,
    },
    /// `fetch(...)`. Answer: [`Answer::Response`]; a network error is a [`DomError::type_error`].
    Fetch(FetchRequest),
    /// `navigator.serviceWorker.register(...)`, addresses resolved. Answer: [`Answer::Registration`].
    RegisterServiceWorker {
        /// The worker's script.
        script_url: String,
        /// The scope asked for; none means the script's folder.
        scope: Option<String>,
    },
    /// `navigator.serviceWorker.ready` was read for the first time. Answer: [`Answer::Registration`], once a worker is active.
    ServiceWorkerReady,
    /// `registration.unregister()`. Answer: [`Answer::Flag`], true if there was something to remove.
    Unregister {
        /// The registration's scope.
        scope: String,
    },
    /// `self.skipWaiting()`. Answer: [`Answer::Nothing`].
    SkipWaiting,
    /// `clients.claim()`. Answer: [`Answer::Nothing`].
    ClientsClaim,
    /// `clients.matchAll(...)`. Answer: [`Answer::Clients`].
    ClientsMatchAll {
        /// Whether clients that this worker does not control count too.
        include_uncontrolled: bool,
        /// `window`, `worker`, `sharedworker` or `all`.
        kind: String,
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

/// A request as it leaves a script.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
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
}

/// A response on its way in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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

/// What a registration object shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegistrationInfo {
    /// The scope's address.
    pub scope: String,
    /// The worker being installed.
    pub installing: Option<WorkerInfo>,
    /// The worker that waits for its predecessor to go.
    pub waiting: Option<WorkerInfo>,
    /// The worker that gets events.
    pub active: Option<WorkerInfo>,
}

/// What a `ServiceWorker` object shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkerInfo {
    /// The script's address.
    pub script_url: String,
    /// `installing`, `installed`, `activating`, `activated` or `redundant`.
    pub state: &'static str,
}

/// What a `Client` object shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClientInfo {
    /// Unique among the clients.
    pub id: String,
    /// The page's address.
    pub url: String,
    /// `window`, `worker` or `sharedworker`.
    pub kind: &'static str,
    /// `auxiliary`, `top-level`, `nested` or `none`.
    pub frame_type: &'static str,
}

/// The engine's answer to a [`Call`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// `undefined`.
    Nothing,
    /// Tags as UTF-16 code units.
    Tags(Vec<Vec<u16>>),
    /// A registration.
    Registration(RegistrationInfo),
    /// A response.
    Response(FetchResponse),
    /// Clients.
    Clients(Vec<ClientInfo>),
    /// True or false.
    Flag(bool),
}

/// An error as a script gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DomError {
    /// A `DOMException` name, or `TypeError`.
    pub name: String,
    /// For people.
    pub message: String,
}

impl DomError {
    /// A `TypeError`, as `fetch` rejects with when there is no network.
    #[must_use]
    pub fn type_error(message: &str) -> Self {
        Self { name: "TypeError".to_owned(), message: message.to_owned() }
    }
}

/// Which answer a call takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswerKind {
    Nothing,
    Tags,
    Registration,
    Response,
    Clients,
    Flag,
}

impl Call {
    /// The answer it waits for, if any.
    pub(super) fn expects(&self) -> Option<AnswerKind> {
        match self {
            Self::SyncRegister { .. } | Self::SkipWaiting | Self::ClientsClaim => Some(AnswerKind::Nothing),
            Self::SyncGetTags { .. } => Some(AnswerKind::Tags),
            Self::Fetch(_) => Some(AnswerKind::Response),
            Self::RegisterServiceWorker { .. } | Self::ServiceWorkerReady => Some(AnswerKind::Registration),
            Self::Unregister { .. } => Some(AnswerKind::Flag),
            Self::ClientsMatchAll { .. } => Some(AnswerKind::Clients),
            Self::EventSettled { .. } | Self::RunSettled { .. } => None,
        }
    }
}

impl Answer {
    pub(super) fn kind(&self) -> AnswerKind {
        match self {
            Self::Nothing => AnswerKind::Nothing,
            Self::Tags(_) => AnswerKind::Tags,
            Self::Registration(_) => AnswerKind::Registration,
            Self::Response(_) => AnswerKind::Response,
            Self::Clients(_) => AnswerKind::Clients,
            Self::Flag(_) => AnswerKind::Flag,
        }
    }
}

/// Bytes as base64 inside JSON.
mod base64_bytes {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
