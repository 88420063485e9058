use std::time::Duration;

use background_sync_policy::RegistrationPermit;

use crate::{Observed, RegistrationState, Sequence, Series, SyncRegistration, SyncRegistrationList, Tag, Wait};

/// One call of `register(tag)` whose commit is durable.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The tag.
    pub tag: Tag,
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

impl SyncRegistrationList {
    /// `register(tag)` from `sync.register.7` on; the earlier steps are the permit.
    ///
    /// <https://wicg.github.io/background-sync/spec/#dom-syncmanager-register>
    ///
    /// The promise is resolved and the event fired by the caller, in this order
    /// (`sync.register.8.3`, `sync.register.9.5`).
    ///
    /// # Panics
    /// When the permit is for another service worker registration: a mistake of the embedding code.
    pub fn register(&mut self, permit: RegistrationPermit, asked: Asked) -> Registered {
        // sync.register.1: the list belongs to the manager's service worker registration.
        assert!(&permit.into_key() == self.key(), "a permit is good for the key it names");
        // sync.register.7: tags are compared by code unit.
        match self.get_mut(&asked.tag) {
            Some(existing) => existing.register_again(&asked),
            None => {
                self.add(asked);
                Registered::New
            }
        }
    }

    fn add(&mut self, asked: Asked) {
        // sync.register.9.1, sync.register.9.2: a new registration with this tag.
        let registration = SyncRegistration {
            tag: asked.tag,
            state: RegistrationState::Pending { not_before: asked.spacing },
            sequence: asked.sequence,
            series: Series::default(),
            registered: asked.at,
            reregistered_in_a_row: asked.reregistered_in_a_row,
            last_attempt_ended: None,
            network: None,
        };
        // sync.register.9.3, sync.register.9.4: being in this list is what ties it to its service worker.
        self.insert(registration);
    }
}

impl SyncRegistration {
    /// sync.register.8: the tag is registered already.
    fn register_again(&mut self, asked: &Asked) -> Registered {
        self.registered = asked.at;
        match self.state {
            // sync.register.8.4 would fire it; it fires once anyway, so its series stays.
            RegistrationState::Pending { not_before } => {
                if let (Some(held), Some(at_most)) = (not_before, asked.spacing)
                    && held.until() > at_most.until()
                {
                    self.state = RegistrationState::Pending { not_before: Some(at_most) };
                }
                Registered::StillPending
            }
            // sync.register.8.1: the back-off is over, and what failed before no longer counts.
            RegistrationState::Waiting { .. } => {
                self.state = RegistrationState::Pending { not_before: asked.spacing };
                self.series = Series::default();
                Registered::NoLongerWaiting
            }
            // sync.register.8.2: remembered until the running event ends.
            RegistrationState::Firing { last_chance } => {
                let spacing = asked.spacing.map_or(Duration::ZERO, Wait::length);
                self.state = RegistrationState::ReregisteredWhileFiring { last_chance, spacing };
                Registered::WhileFiring
            }
            // Once is enough: one more event follows, not two, and as soon as either call lets it.
            RegistrationState::ReregisteredWhileFiring { last_chance, spacing } => {
                let spacing = spacing.min(asked.spacing.map_or(Duration::ZERO, Wait::length));
                self.state = RegistrationState::ReregisteredWhileFiring { last_chance, spacing };
                Registered::WhileFiring
            }
        }
    }
}
