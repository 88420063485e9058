use std::time::Duration;

use background_sync::policy::{Origin, Partition, PermissionState, RegistrationKey, SyncKind, WindowClients};
use background_sync::scheduler::NetworkState;
use background_sync::{
    AttemptId, EventCompletion, Hosts, NetworkOracle, OriginHost, Outcome, ServiceWorkerHost, StartCompletion,
    SyncEventInit, SyncStore, SystemClock, TerminateReason, WorkerState,
};

/// An engine whose workers run at once and fulfil every event at once; every origin has a window.
pub struct Engine {
    network: NetworkState,
    fulfilled: Box<dyn FnMut(&SyncEventInit) + Send>,
}

impl Engine {
    /// The hosts of such an engine. `fulfilled` is told of every event that was dispatched, after its end was.
    #[must_use]
    pub fn hosts(
        network: NetworkState,
        store: impl SyncStore + 'static,
        fulfilled: impl FnMut(&SyncEventInit) + Send + 'static,
    ) -> Hosts<Self> {
        let engine = Self { network, fulfilled: Box::new(fulfilled) };
        Hosts::new(engine, store, SystemClock::starting_now())
    }
}

impl ServiceWorkerHost for Engine {
    fn state(&mut self, _: &RegistrationKey) -> WorkerState {
        WorkerState::Active
    }

    fn start(&mut self, _: &RegistrationKey, completion: StartCompletion) {
        completion.ready();
    }

    fn dispatch(&mut self, _: &RegistrationKey, event: &SyncEventInit, _: Duration, completion: EventCompletion) {
        completion.finish(Outcome::Fulfilled);
        (self.fulfilled)(event);
    }

    fn terminate(&mut self, _: &RegistrationKey, _: AttemptId, _: TerminateReason) {}
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("network", &self.network).finish_non_exhaustive()
    }
}

/// One for every origin.
impl OriginHost for Engine {
    fn windows(&mut self, _: Partition, _: &Origin) -> WindowClients {
        WindowClients::new(1, 0)
    }

    fn permission(&mut self, _: Partition, _: &Origin, _: SyncKind) -> PermissionState {
        PermissionState::Prompt
    }
}

/// The same for everybody and always.
impl NetworkOracle for Engine {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        self.network.clone()
    }
}
