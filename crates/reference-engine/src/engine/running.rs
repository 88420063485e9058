//! Service workers that run.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use background_sync::policy::RegistrationKey;
use background_sync::registration::Tag;
use background_sync::{AttemptId, EventCompletion};

use super::registrations::{Scripts, WorkerId};
use crate::script::{CallId, FetchRequest, Realm};

/// Names a realm; never used twice, so that a late answer finds nobody rather than somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RealmId(pub(super) u64);

/// A service worker's realm, from its start to its stop.
pub(super) struct RunningWorker {
    pub(super) id: RealmId,
    pub(super) worker: WorkerId,
    pub(super) key: RegistrationKey,
    pub(super) realm: Realm,
    pub(super) imports: Imports,
    /// Events that have not ended, by the number they were dispatched with.
    pub(super) events: BTreeMap<u64, WorkerEvent>,
    /// When the time of all events is over that others gave it. What it sends itself gets no more.
    pub(super) until: Duration,
    /// Since when nothing keeps it.
    pub(super) idle_since: Duration,
}

/// A worker's scripts, shared with its `importScripts`.
#[derive(Clone, Debug)]
pub(super) struct Imports(Rc<RefCell<ImportsState>>);

#[derive(Debug)]
struct ImportsState {
    scripts: Scripts,
    /// Until it is installed a worker may import what it has not imported yet.
    open: bool,
}

impl Imports {
    pub(super) fn new(scripts: Scripts, open: bool) -> Self {
        Self(Rc::new(RefCell::new(ImportsState { scripts, open })))
    }

    pub(super) fn get(&self, url: &str) -> Option<String> {
        self.0.borrow().scripts.get(url).cloned()
    }

    pub(super) fn are_open(&self) -> bool {
        self.0.borrow().open
    }

    pub(super) fn add(&self, url: String, source: String) {
        self.0.borrow_mut().scripts.insert(url, source);
    }

    /// The worker is installed: this is all it will ever have.
    pub(super) fn close(&self) -> Scripts {
        let mut state = self.0.borrow_mut();
        state.open = false;
        state.scripts.clone()
    }
}

/// What an event is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum WorkerEvent {
    Install,
    Activate,
    Sync(AttemptId),
    Message,
    Notification {
        /// The user clicked, and the worker may show one window for it.
        may_show_window: bool,
    },
    Fetch(ClientFetch),
}

/// A client's request that its service worker was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClientFetch {
    /// Who waits, until it is known who answers.
    pub(super) asked_by: Option<(RealmId, CallId)>,
    pub(super) request: FetchRequest,
}

/// A start that background sync asked for, until its event has ended.
pub(super) struct Attempt {
    pub(super) key: RegistrationKey,
    /// The worker that got it.
    pub(super) realm: RealmId,
    /// Known once its event is dispatched.
    pub(super) tag: Option<Tag>,
    /// There once its event is dispatched.
    pub(super) completion: Option<EventCompletion>,
}
