//! The engine as background sync sees it: everything that it has to write for that, and nothing else.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use background_sync::policy::{
    Origin, Partition, PermissionState, RegistrationKey, SyncKind, WindowClients, WorkerState,
};
use background_sync::scheduler::NetworkState;
use background_sync::{
    AttemptId, EventCompletion, NetworkOracle, OriginHost, ServiceWorkerHost, StartCompletion, SyncEventInit,
    TerminateReason,
};
use parking_lot::Mutex;

use crate::constellation::ToConstellation;

// host lines: any
/// What the constellation knows. It alone writes here.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) online: bool,
    pub(crate) windows: HashMap<(Partition, Origin), WindowClients>,
    pub(crate) workers: HashSet<RegistrationKey>,
}

/// What the manager of an origin's service workers has to do.
pub(crate) enum Task {
    Start(StartCompletion),
    Dispatch(SyncEventInit, EventCompletion),
    Terminate(AttemptId),
}

/// Answers from what is known, and hands the rest to the constellation. If that is gone the token is dropped with the
/// message, which says so. Background sync has one on its thread, the constellation another.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) known: Arc<Mutex<Known>>,
    pub(crate) constellation: Sender<ToConstellation>,
}

impl ServiceWorkerHost for Host {
    fn state(&mut self, key: &RegistrationKey) -> WorkerState {
        if self.known.lock().workers.contains(key) { WorkerState::Active } else { WorkerState::NoSuchRegistration }
    }

    fn start(&mut self, key: &RegistrationKey, start: StartCompletion) {
        self.constellation.send(ToConstellation::Task(key.clone(), Task::Start(start))).ok();
    }

    fn dispatch(&mut self, key: &RegistrationKey, event: &SyncEventInit, _: Duration, done: EventCompletion) {
        self.constellation.send(ToConstellation::Task(key.clone(), Task::Dispatch(event.clone(), done))).ok();
    }

    fn terminate(&mut self, key: &RegistrationKey, attempt: AttemptId, _: TerminateReason) {
        self.constellation.send(ToConstellation::Task(key.clone(), Task::Terminate(attempt))).ok();
    }
}

impl OriginHost for Host {
    fn windows(&mut self, partition: Partition, origin: &Origin) -> WindowClients {
        self.known.lock().windows.get(&(partition, origin.clone())).copied().unwrap_or(WindowClients::none())
    }

    fn permission(&mut self, _: Partition, _: &Origin, _: SyncKind) -> PermissionState {
        PermissionState::Prompt
    }
}

impl NetworkOracle for Host {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        if self.known.lock().online { NetworkState::online() } else { NetworkState::Offline }
    }
}
// end of host lines
