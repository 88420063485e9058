//! An engine whose service workers, origins and network have an owner each.

use std::time::Duration;

use background_sync_policy::{
    Origin, Partition, PermissionState, RegistrationKey, SyncKind, SystemRestriction, UserSwitch, WindowClients,
};
#[cfg(feature = "periodic")]
use background_sync_scheduler::Engagement;
use background_sync_scheduler::NetworkState;

use super::{NetworkOracle, OriginHost, ServiceWorkerHost};
use crate::{AttemptId, EventCompletion, StartCompletion, SyncEventInit, TerminateReason, WorkerState};

impl<W: ServiceWorkerHost, O, N> ServiceWorkerHost for (W, O, N) {
    fn state(&mut self, key: &RegistrationKey) -> WorkerState {
        self.0.state(key)
    }

    fn start(&mut self, key: &RegistrationKey, completion: StartCompletion) {
        self.0.start(key, completion);
    }

    fn dispatch(&mut self, key: &RegistrationKey, event: &SyncEventInit, cap: Duration, completion: EventCompletion) {
        self.0.dispatch(key, event, cap, completion);
    }

    fn abandon(&mut self, key: &RegistrationKey, attempt: AttemptId) {
        self.0.abandon(key, attempt);
    }

    fn terminate(&mut self, key: &RegistrationKey, attempt: AttemptId, reason: TerminateReason) {
        self.0.terminate(key, attempt, reason);
    }
}

impl<W, O: OriginHost, N> OriginHost for (W, O, N) {
    fn windows(&mut self, partition: Partition, origin: &Origin) -> WindowClients {
        self.1.windows(partition, origin)
    }

    fn permission(&mut self, partition: Partition, origin: &Origin, kind: SyncKind) -> PermissionState {
        self.1.permission(partition, origin, kind)
    }

    fn user_switch(&mut self, partition: Partition, origin: &Origin, kind: SyncKind) -> UserSwitch {
        self.1.user_switch(partition, origin, kind)
    }

    #[cfg(feature = "periodic")]
    fn engagement(&mut self, partition: Partition, origin: &Origin) -> Engagement {
        self.1.engagement(partition, origin)
    }

    #[cfg(feature = "periodic")]
    fn periodic_sync_paused(&mut self, partition: Partition, origin: &Origin) -> bool {
        self.1.periodic_sync_paused(partition, origin)
    }

    fn restriction(&mut self) -> SystemRestriction {
        self.1.restriction()
    }
}

impl<W, O, N: NetworkOracle> NetworkOracle for (W, O, N) {
    fn state(&mut self, origin: Option<&Origin>) -> NetworkState {
        self.2.state(origin)
    }
}
