//! Service workers that run.

use std::collections::BTreeMap;
use std::time::Duration;

use background_sync::policy::RegistrationKey;
use background_sync::registration::Tag;
use background_sync::{AttemptId, EventCompletion};

use crate::script::Realm;

/// Names a realm; never used twice, so that a late answer finds nobody rather than somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RealmId(pub(super) u64);

/// A service worker's realm, from its start to its stop.
pub(super) struct RunningWorker {
    pub(super) id: RealmId,
    pub(super) realm: Realm,
    /// Events that have not ended, by the number they were dispatched with.
    pub(super) events: BTreeMap<u64, WorkerEvent>,
    /// Since when nothing keeps it.
    pub(super) idle_since: Duration,
}

/// A worker that is to replace the one a registration has.
pub(super) struct Update {
    pub(super) worker: RunningWorker,
    pub(super) script_url: String,
    /// Its script and what it imported, by address.
    pub(super) scripts: BTreeMap<String, String>,
    /// It waits only for the old worker's last event.
    pub(super) installed: bool,
}

/// What an event is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WorkerEvent {
    Install,
    Activate,
    Sync(AttemptId),
}

/// A start that background sync asked for, until its event has ended.
pub(super) struct Attempt {
    pub(super) key: RegistrationKey,
    /// The worker that got it.
    pub(super) realm: RealmId,
    /// Known once its event is dispatched.
    pub(super) tag: Option<Tag>,
    pub(super) completion: EventCompletion,
}
