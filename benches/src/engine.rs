use std::collections::HashMap;
use std::time::Duration;

use background_sync::policy::{Origin, Partition, PermissionState, RegistrationKey, SyncKind, WindowClients};
use background_sync::scheduler::NetworkState;
use background_sync::{
    AttemptId, EventCompletion, Hosts, NetworkOracle, OriginHost, Outcome, ServiceWorkerHost, SyncEventInit, SyncStore,
    SystemClock, TerminateReason, WorkerState,
};

/// An engine whose workers run at once and fulfil every event at once; every origin has a window.
pub struct Engine {
    running: HashMap<AttemptId, EventCompletion>,
    fulfilled: Box<dyn FnMut(&SyncEventInit) + Send>,
}

impl Engine {
    /// The hosts of such an engine. `fulfilled` is told of every event that was dispatched, after its end was.
    #[must_use]
    pub fn hosts(
        network: NetworkState,
        store: impl SyncStore + 'static,
        fulfilled: impl FnMut(&SyncEventInit) + Send + 'static,
    ) -> Hosts {
        let engine = Self { running: HashMap::new(), fulfilled: Box::new(fulfilled) };
        Hosts::new(engine, Windows, Network(network), store, SystemClock::starting_now())
    }
}

impl ServiceWorkerHost for Engine {
    fn state(&mut self, _: &RegistrationKey) -> WorkerState {
        WorkerState::Active
    }

    fn start(&mut self, attempt: AttemptId, _: &RegistrationKey, completion: EventCompletion) {
        completion.ready();
        self.running.insert(attempt, completion);
    }

    fn dispatch(&mut self, attempt: AttemptId, event: &SyncEventInit, _: Duration) {
        if let Some(completion) = self.running.remove(&attempt) {
            completion.finish(Outcome::Fulfilled);
        }
        (self.fulfilled)(event);
    }

    fn abandon(&mut self, attempt: AttemptId) {
        self.running.remove(&attempt);
    }

    fn terminate(&mut self, attempt: AttemptId, _: TerminateReason) {
        self.running.remove(&attempt);
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("running", &self.running).finish_non_exhaustive()
    }
}

/// One for every origin.
struct Windows;

impl OriginHost for Windows {
    fn windows(&mut self, _: Partition, _: &Origin) -> WindowClients {
        WindowClients::new(1, 0)
    }

    fn permission(&mut self, _: Partition, _: &Origin, _: SyncKind) -> PermissionState {
        PermissionState::Prompt
    }
}

/// The same for everybody and always.
struct Network(NetworkState);

impl NetworkOracle for Network {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        self.0.clone()
    }
}
