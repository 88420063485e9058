//! Service workers that run.

use std::collections::BTreeMap;
use std::time::Duration;

use background_sync::AttemptId;

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

/// What an event is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WorkerEvent {
    Install,
    Activate,
    Sync(AttemptId),
}
