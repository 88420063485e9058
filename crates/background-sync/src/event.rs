use background_sync_policy::{RegistrationKey, SyncKind};
use background_sync_registration::{Sequence, Tag, WallTime};
use serde::{Deserialize, Serialize};

use crate::Detail;
use crate::names::names;

/// One line of the log: what happened to which registration, when, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LogEntry {
    /// Civil time.
    pub at: WallTime,
    /// The service worker registration it is about, if about one.
    pub key: Option<RegistrationKey>,
    /// The kind, if about one registration.
    pub kind: Option<SyncKind>,
    /// The tag, if about one registration.
    pub tag: Option<Tag>,
    /// The number of the registration; `DevTools` calls this the instance.
    pub instance: Option<Sequence>,
    /// What happened.
    pub event: EventName,
    /// Details, in the order in which they are shown.
    pub metadata: Vec<Detail>,
}

names! {
    /// What can happen. The first five are `DevTools`' own names, in its spelling.
    EventName {
        /// A new registration is durable.
        RegisteredSync = "Registered sync",
        /// Its event was dispatched.
        DispatchedSyncEvent = "Dispatched sync event",
        /// An event ended and the registration, registered again meanwhile, is pending.
        SyncEventReregistered = "Sync event reregistered",
        /// An attempt failed and another follows.
        SyncEventFailed = "sync event failed",
        /// The registration is done: kept, exhausted, or taken away.
        SyncCompleted = "Sync completed",
        /// A periodic sync event ended and is not tried again; the registration stays.
        PeriodicSyncEventEnded = "Periodic sync event ended",
        /// A tag that was there was registered again.
        ReregisteredSync = "Reregistered sync",
        /// A `register` was rejected.
        RegistrationRefused = "Registration refused",
        /// A start came to nothing before the event was dispatched.
        SyncEventNotStarted = "Sync event not started",
        /// A back-off was ended early by a returning link.
        SyncRetriedEarly = "Sync retried early",
        /// A commit failed.
        StoreFailed = "Store failed",
        /// The store was read.
        StoreLoaded = "Store loaded",
        /// An input made no sense and was ignored.
        InputIgnored = "Input ignored",
    }
}
