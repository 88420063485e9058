//! What the host says about permissions, switches, restrictions and workers.

use background_sync_policy::{
    Origin as OriginName, Partition, PermissionState, RegistrationKey, SyncKind, SystemRestriction, UserSwitch,
};

use crate::WorkerState;
use crate::machine::Machine;
use crate::machine::parts::registry::{Worker, WorkerIx};
use crate::machine::steps::removal::Removal;

impl Machine {
    /// One-shot syncs are revoked when the permission is denied, periodic ones when it is not granted any more.
    pub(in crate::machine) fn permission_changed(
        &mut self,
        partition: Partition,
        name: &OriginName,
        kind: SyncKind,
        state: PermissionState,
    ) {
        // periodic.revoke.1, periodic.revoke.1.1: all periodic ones of the origin go, unless it is granted.
        if let Some(ix) = self.origins.find(partition, name).filter(|_| !kind.is_allowed(state)) {
            self.remove_origin(ix, kind, Removal::Revoked);
        }
    }

    /// sync.privacy.permission: switching off removes and ends everything; switching on restores
    /// nothing.
    pub(in crate::machine) fn user_switch(
        &mut self,
        origin: Option<(Partition, OriginName)>,
        kind: SyncKind,
        switch: UserSwitch,
    ) {
        let affected: Vec<_> = match origin {
            None => {
                self.around.set_switch(kind, switch);
                self.origins.all()
            }
            Some((partition, name)) => self.origins.find(partition, &name).into_iter().collect(),
        };
        match switch {
            UserSwitch::On => {}
            UserSwitch::Off => affected.into_iter().for_each(|ix| self.remove_origin(ix, kind, Removal::SwitchedOff)),
        }
    }

    /// While the system restricts background work nothing starts; what runs goes on, and nothing is removed.
    pub(in crate::machine) fn restriction_changed(&mut self, restriction: SystemRestriction) {
        if self.around.set_restriction(restriction) {
            self.wake.something_changed();
            #[cfg(feature = "periodic")]
            self.note_availability();
            self.recheck_all_origins();
        }
    }

    /// What the host says of its registrations counts from now on, also that there is none.
    pub(in crate::machine) fn workers_known(&mut self, states: &[(RegistrationKey, WorkerState)]) {
        self.around.workers_are_known();
        self.registry.doubts_are_over();
        for (key, state) in states {
            self.worker_changed(key, *state);
        }
    }

    pub(in crate::machine) fn worker_changed(&mut self, key: &RegistrationKey, state: WorkerState) {
        if let Some(ix) = self.registry.find(key) {
            self.set_worker_state(ix, state);
        }
    }

    /// A worker that comes or goes concerns all of its registrations.
    pub(in crate::machine) fn set_worker_state(&mut self, ix: WorkerIx, state: WorkerState) {
        let matters = self.note_worker_state(ix, state);
        if self.registry.worker(ix).is_some_and(Worker::is_unregistered) {
            return self.remove_worker(ix, Removal::Unregistered);
        }
        if matters {
            self.wake.something_changed();
            self.file_all_of(ix);
        }
    }

    /// Takes a word of the host about a worker, as far as it could know; what follows from it is up to the caller.
    /// Says whether it changes what the worker's registrations wait for.
    pub(in crate::machine) fn note_worker_state(&mut self, ix: WorkerIx, state: WorkerState) -> bool {
        let Some(worker) = self.registry.worker_mut(ix) else { return false };
        match state {
            WorkerState::NoSuchRegistration if !self.around.knows_workers() => worker.doubt(),
            WorkerState::NoSuchRegistration
            | WorkerState::NotLoaded
            | WorkerState::None
            | WorkerState::Activating
            | WorkerState::Active => worker.set_state(state),
        }
    }

    /// Somebody unregistered it, so there is no doubt about it, whatever the host knows of others.
    pub(in crate::machine) fn unregistered(&mut self, key: &RegistrationKey) {
        let Some(ix) = self.registry.find(key) else { return };
        if let Some(worker) = self.registry.worker_mut(ix) {
            worker.set_state(WorkerState::NoSuchRegistration);
        }
        self.remove_worker(ix, Removal::Unregistered);
    }
}
