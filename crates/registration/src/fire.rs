use std::fmt;

use crate::{
    Charge, MonotonicTime, Now, RegistrationState, Series, SyncRegistration, SyncRegistrationLists, TagId, Wait,
};

/// A registration that is not pending cannot fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPending;

impl fmt::Display for NotPending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("only a pending registration can fire")
    }
}

impl std::error::Error for NotPending {}

/// What is left of a registration whose event was fulfilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterFulfilment {
    /// Nothing: the promise is kept.
    Removed,
    /// It was registered again meanwhile and is pending; it fires if online.
    PendingAgain,
    /// No event of that tag was running. Nothing changed.
    NotFiring,
}

/// What is left of a registration whose event was rejected, or cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterRejection {
    /// It was registered again meanwhile and is pending; it fires if online.
    PendingAgain,
    /// Another attempt follows when the wait is over.
    Waiting,
    /// Nothing: that was the last chance.
    Removed,
    /// No event of that tag was running. Nothing changed.
    NotFiring,
}

impl SyncRegistration {
    /// "Fire a sync event" up to the event itself, which the host dispatches with this registration's
    /// tag and `last_chance` (`sync.fire.5.tag`, `sync.fire.5.lastChance`).
    ///
    /// <https://wicg.github.io/background-sync/spec/#fire-a-sync-event>
    ///
    /// # Errors
    /// [`NotPending`], and nothing changes, when the registration is in any other state.
    pub fn fire(&mut self, last_chance: bool) -> Result<(), NotPending> {
        // sync.fire.2, sync.fire.3: whoever calls this took it from a service worker registration's list; so of a periodic
        // one (periodic.fire.1, periodic.fire.2).
        match self.state() {
            // sync.fire.1: pending; sync.fire.4: firing, before the worker sees anything of it. The same of a periodic one:
            // periodic.fire.3, periodic.fire.5.
            RegistrationState::Pending { .. } => {
                self.set_state(RegistrationState::Firing { last_chance });
                Ok(())
            }
            RegistrationState::Waiting { .. }
            | RegistrationState::Firing { .. }
            | RegistrationState::ReregisteredWhileFiring { .. } => Err(NotPending),
        }
    }

    /// Books a start that never became an event. The registration stays pending, until `not_before`.
    pub fn not_started(&mut self, charge: Charge, wait: Option<Wait>) {
        match self.state() {
            RegistrationState::Pending { not_before } => {
                self.set_state(RegistrationState::Pending { not_before: Wait::later(not_before, wait) });
                self.book(charge);
            }
            RegistrationState::Waiting { .. }
            | RegistrationState::Firing { .. }
            | RegistrationState::ReregisteredWhileFiring { .. } => {}
        }
    }

    /// sync.fire.5.3.2.2 and sync.fire.5.3.2.3: the wait of this very state is over.
    /// `false`, and nothing changes, when it is not waiting or the wait still lasts.
    pub fn wait_over(&mut self, now: MonotonicTime) -> bool {
        match self.state() {
            RegistrationState::Waiting { back_off, .. } if back_off.is_over(now) => {
                self.set_state(RegistrationState::Pending { not_before: None });
                true
            }
            RegistrationState::Waiting { .. }
            | RegistrationState::Pending { .. }
            | RegistrationState::Firing { .. }
            | RegistrationState::ReregisteredWhileFiring { .. } => false,
        }
    }

    /// Ends a back-off before its time, because the network came back (`sync.fire.5.3.2.1` leaves the
    /// length of the wait to us). A wait that the host asked for stays, and so does the spacing from the event before.
    /// Says whether it ended.
    pub fn end_wait_early(&mut self, spacing: Option<Wait>) -> bool {
        match self.state() {
            RegistrationState::Waiting { deferred: false, .. } => {
                self.set_state(RegistrationState::Pending { not_before: spacing });
                true
            }
            RegistrationState::Waiting { deferred: true, .. }
            | RegistrationState::Pending { .. }
            | RegistrationState::Firing { .. }
            | RegistrationState::ReregisteredWhileFiring { .. } => false,
        }
    }

    /// Takes a firing registration up again whose process died in mid-event: waiting, for `back_off`,
    /// as after any other termination (`sync.fire.5.3.2`); at once when that is nothing.
    pub fn resume_after_crash(&mut self, charge: Charge, back_off: Wait) {
        match self.state() {
            RegistrationState::Firing { .. } => {
                self.book(charge);
                self.set_state(if back_off.length().is_zero() {
                    RegistrationState::Pending { not_before: None }
                } else {
                    RegistrationState::Waiting { back_off, deferred: false }
                });
            }
            RegistrationState::Pending { .. }
            | RegistrationState::Waiting { .. }
            | RegistrationState::ReregisteredWhileFiring { .. } => {}
        }
    }

    /// Registered again while it fired: sync.fire.5.2.1.1 and sync.fire.5.3.1.1. The new promise has a
    /// series of its own.
    fn pending_again(&mut self, spacing: std::time::Duration, ended: Now) {
        let not_before = (!spacing.is_zero()).then(|| Wait::starting(ended, spacing));
        self.set_state(RegistrationState::Pending { not_before });
        self.set_series(Series::default());
        self.set_reregistered_in_a_row(self.reregistered_in_a_row().saturating_add(1));
    }
}

impl SyncRegistrationLists {
    /// Every promise the event was extended with is fulfilled (`sync.fire.5.1`, `sync.fire.5.2`).
    /// `ended` is when; spacing counts from it.
    pub fn fulfilled(&mut self, tag: TagId, ended: Now) -> AfterFulfilment {
        let Some(registration) = self.get_mut(tag) else {
            return AfterFulfilment::NotFiring;
        };
        registration.attempt_ended(ended.monotonic);
        match registration.state() {
            // sync.fire.5.2.1, sync.fire.5.2.1.1: pending again. sync.fire.5.2.1.2, sync.fire.5.2.1.3: the
            // caller lets it fire if online, and nothing else happens.
            RegistrationState::ReregisteredWhileFiring { spacing, .. } => {
                registration.pending_again(spacing, ended);
                AfterFulfilment::PendingAgain
            }
            // sync.fire.5.2.2, sync.fire.5.2.3: it was firing and is done.
            RegistrationState::Firing { .. } => {
                self.remove(tag);
                AfterFulfilment::Removed
            }
            RegistrationState::Pending { .. } | RegistrationState::Waiting { .. } => AfterFulfilment::NotFiring,
        }
    }

    /// A promise was rejected, or the worker was terminated (`sync.fire.5.3`). `back_off` is how long
    /// the user agent chose to wait, for the case that it has to; `deferred` tells that the host chose
    /// it.
    pub fn rejected(
        &mut self,
        tag: TagId,
        ended: Now,
        charge: Charge,
        back_off: Wait,
        deferred: bool,
    ) -> AfterRejection {
        let Some(registration) = self.get_mut(tag) else {
            return AfterRejection::NotFiring;
        };
        registration.attempt_ended(ended.monotonic);
        match registration.state() {
            // sync.fire.5.3.1, sync.fire.5.3.1.1: pending again. sync.fire.5.3.1.2, sync.fire.5.3.1.3: the
            // caller lets it fire if online, and nothing else happens.
            RegistrationState::ReregisteredWhileFiring { spacing, .. } => {
                registration.pending_again(spacing, ended);
                AfterRejection::PendingAgain
            }
            // sync.fire.5.3.2: another attempt was announced, so one follows after a wait.
            RegistrationState::Firing { last_chance: false } => {
                registration.book(charge);
                registration.set_reregistered_in_a_row(0);
                registration.set_state(RegistrationState::Waiting { back_off, deferred });
                AfterRejection::Waiting
            }
            // sync.fire.5.3.3: the event was told that it is the last.
            RegistrationState::Firing { last_chance: true } => {
                self.remove(tag);
                AfterRejection::Removed
            }
            RegistrationState::Pending { .. } | RegistrationState::Waiting { .. } => AfterRejection::NotFiring,
        }
    }
}
