//! An engine in which a page is open, every worker is active and there is no network: whatever is registered stays.

use std::time::Duration;

use background_sync::policy::SyncKind;
use background_sync::{
    AttemptId, EventCompletion, Hosts, NetworkOracle, OriginHost, ServiceWorkerHost, SyncEventInit, SyncStore,
    SystemClock, TerminateReason, WorkerState,
    policy::{Origin, Partition, PermissionState, RegistrationKey, WindowClients},
    scheduler::NetworkState,
};

pub(crate) fn hosts(store: impl SyncStore + 'static) -> Hosts {
    Hosts::new(Offline, Offline, Offline, store, SystemClock::starting_now())
}

struct Offline;

impl ServiceWorkerHost for Offline {
    fn state(&mut self, _: &RegistrationKey) -> WorkerState {
        WorkerState::Active
    }

    fn start(&mut self, _: AttemptId, _: &RegistrationKey, _: EventCompletion) {
        unreachable!("there is no network")
    }

    fn dispatch(&mut self, _: AttemptId, _: &SyncEventInit, _: Duration) {}
    fn abandon(&mut self, _: AttemptId) {}
    fn terminate(&mut self, _: AttemptId, _: TerminateReason) {}
}

impl OriginHost for Offline {
    fn windows(&mut self, _: Partition, _: &Origin) -> WindowClients {
        WindowClients::new(1, 0)
    }

    fn permission(&mut self, _: Partition, _: &Origin, _: SyncKind) -> PermissionState {
        PermissionState::Granted
    }
}

impl NetworkOracle for Offline {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        NetworkState::Offline
    }
}
