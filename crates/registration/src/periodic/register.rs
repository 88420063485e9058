use std::time::Duration;

use background_sync_policy::RegistrationPermit;

use crate::{
    MinInterval, Observed, RegistrationState, Schedule, Sequence, StateName, SyncRegistration, SyncRegistrationLists,
    TagId,
};

/// One call of the periodic `register(tag, options)` whose commit is durable.
#[derive(Clone, Copy, Debug)]
pub struct PeriodicAsked {
    /// The number a new registration gets. An existing one keeps its own.
    pub sequence: Sequence,
    /// When the call was made.
    pub at: Observed,
    /// `options.minInterval`.
    pub min_interval: MinInterval,
}

/// What a call of the periodic `register(tag, options)` changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodicRegistered {
    /// There is a new registration.
    New,
    /// It has another interval now; its state and its anchor stay.
    OtherInterval,
    /// Its event runs, or is to be tried again: nothing follows the event that runs or comes next.
    WhileFiring,
    /// Nothing.
    Nothing,
}

impl SyncRegistrationLists {
    /// `register(tag, options)` of the periodic manager, from `periodic.register.7` on; the earlier steps are the permit.
    ///
    /// <https://wicg.github.io/periodic-background-sync/#dom-periodicsyncmanager-register>
    ///
    /// The caller resolves the promise (`periodic.register.8.8`, `periodic.register.9.3`).
    ///
    /// # Errors
    /// The permit, unused, when the tag is not held, or is held for another service worker registration or the other
    /// kind than the permit names. Nothing has happened then.
    pub fn register_periodic(
        &mut self,
        tag: TagId,
        permit: RegistrationPermit,
        asked: PeriodicAsked,
    ) -> Result<PeriodicRegistered, RegistrationPermit> {
        // periodic.register.1: the list belongs to the manager's service worker registration.
        let is_for = |list| self.key(list) == Some(permit.key()) && self.kind(list) == Some(permit.kind());
        if !self.list_of(tag).is_some_and(is_for) {
            return Err(permit);
        }
        // periodic.register.7: one of this kind; a one-shot one of the same tag is in another list
        // (periodic.def.namespace).
        if let Some(existing) = self.get_mut(tag) {
            return Ok(existing.register_periodic_again(asked.min_interval));
        }
        // periodic.register.8: there is none. periodic.register.8.1, periodic.register.8.4: a new one, pending at first.
        let mut registration = SyncRegistration::new(asked.sequence, asked.at, None);
        // periodic.register.8.3, periodic.register.8.6: the page's interval, which counts from the call.
        registration.set_schedule(Some(Schedule::new(asked.min_interval, asked.at.wall)));
        // periodic.register.8.7: it is in the list. periodic.register.8.2, periodic.register.8.5: its place there is that of
        // its tag, and ties it to its service worker.
        self.insert(tag, registration);
        Ok(PeriodicRegistered::New)
    }
}

impl SyncRegistration {
    /// What a call with this interval would change.
    #[must_use]
    pub fn periodic_call_would_change(&self, min_interval: MinInterval) -> PeriodicRegistered {
        // periodic.register.9.1: another interval.
        if self.schedule().is_none_or(|schedule| schedule.min_interval != min_interval) {
            return PeriodicRegistered::OtherInterval;
        }
        // periodic.register.9.2: its event runs, or one of its retries is still to come. The text looks at the state of
        // another object here, which has none.
        match self.periodic_state() {
            StateName::Firing => PeriodicRegistered::WhileFiring,
            StateName::Pending | StateName::Waiting | StateName::ReregisteredWhileFiring | StateName::Suspended => {
                PeriodicRegistered::Nothing
            }
        }
    }

    /// The periodic text's name of its state (`periodic.def.state`): what is a wait between two attempts of a one-shot sync
    /// is a part of firing here, and so is a retry whose wait is over and that something holds.
    #[must_use]
    pub fn periodic_state(&self) -> StateName {
        let has_begun = match self.state() {
            RegistrationState::ReregisteredWhileFiring { .. } => return StateName::ReregisteredWhileFiring,
            RegistrationState::Firing { .. } => true,
            RegistrationState::Pending { .. } | RegistrationState::Waiting { .. } => !self.is_untried(),
        };
        match (has_begun, self.reregistered_in_a_row()) {
            (false, _) => StateName::Pending,
            (true, 0) => StateName::Firing,
            (true, _) => StateName::ReregisteredWhileFiring,
        }
    }

    /// periodic.register.9: the tag is registered already.
    fn register_periodic_again(&mut self, min_interval: MinInterval) -> PeriodicRegistered {
        let change = self.periodic_call_would_change(min_interval);
        match change {
            // periodic.register.9.1.1: the interval alone.
            PeriodicRegistered::OtherInterval => {
                let anchor = self.schedule().map_or(self.registered().wall, |schedule| schedule.anchor);
                self.set_schedule(Some(Schedule::new(min_interval, anchor)));
            }
            // periodic.register.9.2: re-registered while firing.
            PeriodicRegistered::WhileFiring => {
                self.set_reregistered_in_a_row(1);
                if let RegistrationState::Firing { last_chance } = self.state() {
                    let spacing = Duration::ZERO;
                    self.set_state(RegistrationState::ReregisteredWhileFiring { last_chance, spacing });
                }
            }
            PeriodicRegistered::New | PeriodicRegistered::Nothing => {}
        }
        change
    }
}
