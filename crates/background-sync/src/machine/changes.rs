//! What the host says about windows, permissions, switches and workers.

use background_sync_policy::{
    Origin, Partition, PermissionState, RegistrationKey, SystemRestriction, UserSwitch, WindowClients,
};

use super::Machine;
use super::removal::Removal;
use super::state::{OriginIx, Timer, WorkerIx};
use crate::WorkerState;

impl Machine {
    pub(super) fn clients_changed(&mut self, partition: Partition, origin: Origin, windows: WindowClients) {
        self.note_windows(partition, &origin, windows);
    }

    /// Only origins that have something to do with syncs are remembered.
    pub(super) fn note_windows(&mut self, partition: Partition, origin: &Origin, windows: WindowClients) {
        let Some(ix) = self.origin_by_name.get(&(origin.clone(), partition)).copied() else { return };
        let now = self.monotonic();
        let Some(state) = self.origins.get_mut(&ix) else { return };
        let before = std::mem::replace(&mut state.windows, windows);
        match (before.in_background(), windows.in_background()) {
            (false, true) => {
                // A navigation is no absence: another window may follow at once.
                state.closed_at = Some(now);
                self.timers.set(Timer::Grace(ix), now.after(self.params.background_grace));
            }
            (true, false) => {
                state.closed_at = None;
                // Somebody looks: no background budget is needed, and the spread is the short one.
                let soon = now.after(self.jitter.up_to(self.params.first_fire_spread));
                state.spread_until = state.spread_until.min(soon);
                self.timers.cancel(Timer::Grace(ix));
                self.seen_again(ix);
                self.wake.something_changed();
                self.place_for_wake(ix);
                self.recheck_origin(ix);
            }
            (true, true) | (false, false) => {}
        }
    }

    /// The last window of an origin has been closed for long enough to count.
    pub(super) fn grace_over(&mut self, ix: OriginIx) {
        let now = self.monotonic();
        let grace = self.params.background_grace;
        if self.origins.get(&ix).is_some_and(|origin| origin.in_background(now, grace)) {
            self.budget_running(ix);
            self.place_for_wake(ix);
        }
    }

    /// One-shot syncs are revoked when the permission is denied; `prompt` revokes nothing.
    pub(super) fn permission_changed(&mut self, partition: Partition, origin: &Origin, state: PermissionState) {
        match state {
            PermissionState::Granted | PermissionState::Prompt => {}
            PermissionState::Denied => {
                if let Some(ix) = self.origin_by_name.get(&(origin.clone(), partition)).copied() {
                    self.remove_origin(ix, Removal::Revoked);
                }
            }
        }
    }

    /// sync.privacy.permission: switching off removes and ends everything; switching on restores
    /// nothing.
    pub(super) fn user_switch(&mut self, origin: Option<(Partition, Origin)>, switch: UserSwitch) {
        let affected: Vec<_> = match origin {
            None => {
                self.general_switch = switch;
                self.origins.keys().copied().collect()
            }
            Some((partition, origin)) => self.origin_by_name.get(&(origin, partition)).copied().into_iter().collect(),
        };
        match switch {
            UserSwitch::On => {}
            UserSwitch::Off => affected.into_iter().for_each(|ix| self.remove_origin(ix, Removal::SwitchedOff)),
        }
    }

    /// While the system restricts background work nothing starts; what runs goes on, and nothing is removed.
    pub(super) fn restriction_changed(&mut self, restriction: SystemRestriction) {
        let before = std::mem::replace(&mut self.restriction, restriction);
        if before != restriction {
            self.wake.something_changed();
            self.recheck_all_origins();
        }
    }

    pub(super) fn worker_changed(&mut self, key: &RegistrationKey, state: WorkerState) {
        if let Some(ix) = self.worker_by_key.get(key).copied() {
            self.set_worker_state(ix, state);
        }
    }

    /// A worker that comes or goes concerns all of its registrations.
    pub(super) fn set_worker_state(&mut self, ix: WorkerIx, state: WorkerState) {
        let Some(worker) = self.workers.get_mut(&ix) else { return };
        let before = std::mem::replace(&mut worker.state, state);
        match state {
            WorkerState::NoSuchRegistration => return self.remove_worker(ix, Removal::Unregistered),
            WorkerState::NotLoaded | WorkerState::None | WorkerState::Activating | WorkerState::Active => {}
        }
        if may_run(before) != may_run(state) {
            self.wake.something_changed();
            let sequences: Vec<_> =
                worker.list.iter().map(background_sync_registration::SyncRegistration::sequence).collect();
            for sequence in sequences {
                self.place(ix, sequence);
            }
        }
    }

    pub(super) fn unregistered(&mut self, key: &RegistrationKey) {
        self.worker_changed(key, WorkerState::NoSuchRegistration);
    }
}

fn may_run(state: WorkerState) -> bool {
    match state {
        WorkerState::Activating | WorkerState::Active => true,
        WorkerState::NotLoaded | WorkerState::NoSuchRegistration | WorkerState::None => false,
    }
}
