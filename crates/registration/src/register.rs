use std::time::Duration;

use background_sync_policy::RegistrationPermit;

use crate::{Observed, RegistrationState, Sequence, Series, SyncRegistration, SyncRegistrationLists, TagId, Wait};

/// One call of `register(tag)` whose commit is durable.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The number a new registration gets. An existing one keeps its own.
    pub sequence: Sequence,
    /// When the call was made.
    pub at: Observed,
    /// The scheduler's spacing for the event this call asks for. A pending registration is held no longer
    /// than this, and keeps what it has for `None`.
    pub spacing: Option<Wait>,
    /// How many events in a row were registered again while they ran, for a registration whose event
    /// ended before this call was durable. 0 for any other.
    pub reregistered_in_a_row: u32,
}

/// What a call of `register(tag)` changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// There is a new registration; it fires if online (`sync.register.9.6`).
    New,
    /// It was pending already and still is; nothing fires twice (`sync.register.8.4`).
    StillPending,
    /// It was waiting and is pending now; it fires if online (`sync.register.8.4`).
    NoLongerWaiting,
    /// Its event is running; another follows.
    WhileFiring,
}

impl SyncRegistrationLists {
    /// `register(tag)` from `sync.register.7` on; the earlier steps are the permit.
    ///
    /// <https://wicg.github.io/background-sync/spec/#dom-syncmanager-register>
    ///
    /// The promise is resolved and the event fired by the caller, in this order
    /// (`sync.register.8.3`, `sync.register.9.5`).
    ///
    /// # Errors
    /// The permit, unused, when the tag is not held, or is held for another service worker registration or the other
    /// kind than the permit names. Nothing has happened then.
    pub fn register(
        &mut self,
        tag: TagId,
        permit: RegistrationPermit,
        asked: Asked,
    ) -> Result<Registered, RegistrationPermit> {
        // sync.register.1: the list belongs to the manager's service worker registration.
        let is_for = |list| self.key(list) == Some(permit.key()) && self.kind(list) == Some(permit.kind());
        if !self.list_of(tag).is_some_and(is_for) {
            return Err(permit);
        }
        // sync.register.7: tags are compared by code unit, and this is the one that was found.
        if let Some(existing) = self.get_mut(tag) {
            return Ok(existing.register_again(&asked));
        }
        // sync.register.9.1, sync.register.9.2: a new registration with this tag.
        let mut registration = SyncRegistration::new(asked.sequence, asked.at, asked.spacing);
        registration.set_reregistered_in_a_row(asked.reregistered_in_a_row);
        // sync.register.9.3, sync.register.9.4: being in this list is what ties it to its service worker.
        self.insert(tag, registration);
        Ok(Registered::New)
    }
}

impl SyncRegistration {
    /// sync.register.8: the tag is registered already.
    fn register_again(&mut self, asked: &Asked) -> Registered {
        self.set_registered(asked.at);
        match self.state() {
            // sync.register.8.4 would fire it; it fires once anyway, so its series stays.
            RegistrationState::Pending { not_before } => {
                if let (Some(held), Some(at_most)) = (not_before, asked.spacing)
                    && held.until() > at_most.until()
                {
                    self.set_state(RegistrationState::Pending { not_before: Some(at_most) });
                }
                Registered::StillPending
            }
            // sync.register.8.1: the back-off is over, and what failed before no longer counts.
            RegistrationState::Waiting { .. } => {
                self.set_state(RegistrationState::Pending { not_before: asked.spacing });
                self.set_series(Series::default());
                Registered::NoLongerWaiting
            }
            // sync.register.8.2: remembered until the running event ends.
            RegistrationState::Firing { last_chance } => {
                let spacing = asked.spacing.map_or(Duration::ZERO, Wait::length);
                self.set_state(RegistrationState::ReregisteredWhileFiring { last_chance, spacing });
                Registered::WhileFiring
            }
            // Once is enough: one more event follows, not two, and as soon as either call lets it.
            RegistrationState::ReregisteredWhileFiring { last_chance, spacing } => {
                let spacing = spacing.min(asked.spacing.map_or(Duration::ZERO, Wait::length));
                self.set_state(RegistrationState::ReregisteredWhileFiring { last_chance, spacing });
                Registered::WhileFiring
            }
        }
    }
}
