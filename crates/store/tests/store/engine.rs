//! An engine in which a page is open, every worker is active and there is no network: whatever is registered stays.

use std::time::Duration;

use background_sync::policy::SyncKind;
use background_sync::{
    AttemptId, Call, EventCompletion, Hosts, NetworkOracle, OriginHost, ServiceWorkerHost, StartCompletion,
    SyncEventInit, SyncStore, SystemClock, TerminateReason, WorkerState,
    policy::{Facts, Origin, Partition, PermissionState, RegistrationKey, WindowClients},
    scheduler::NetworkState,
};

pub(crate) fn hosts(store: impl SyncStore + 'static) -> Hosts<Offline> {
    Hosts::new(Offline, store, SystemClock::starting_now())
}

/// A call from that page.
pub(crate) fn page() -> Call {
    Call::by_page(Facts::of_an_open_window())
}

pub(crate) struct Offline;

impl ServiceWorkerHost for Offline {
    fn state(&mut self, _: &RegistrationKey) -> WorkerState {
        WorkerState::Active
    }

    fn start(&mut self, _: &RegistrationKey, _: StartCompletion) {
        unreachable!("there is no network")
    }

    fn dispatch(&mut self, _: &RegistrationKey, _: &SyncEventInit, _: Duration, _: EventCompletion) {}
    fn terminate(&mut self, _: &RegistrationKey, _: AttemptId, _: TerminateReason) {}
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
