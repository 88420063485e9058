//! Where a registration stands: ready to start, waiting for a moment, or waiting for something else.

use background_sync_registration::{
    MonotonicTime, NetworkIdentity, RegistrationState, Sequence, SyncRegistration, Tag,
};
use background_sync_scheduler::{NetworkId, NetworkMode, NetworkState};

use super::Machine;
use super::state::{Activity, WorkerIx};
use crate::WorkerState;

/// What a single registration waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing of its own.
    Ready,
    /// This moment: spacing, or the delivery of a reply.
    Until(MonotonicTime),
    /// This moment: the end of a back-off. A returning link may end it, unless the host chose it.
    BackingOff { until: MonotonicTime, deferred: bool },
    /// Another network.
    Elsewhere,
    /// Something that is going on: an attempt, a worker to come.
    Held,
}

impl Machine {
    /// Files a registration where it belongs now. Called after every change of it.
    pub(super) fn place(&mut self, ix: WorkerIx, sequence: Sequence) {
        self.stats.registrations_visited += 1;
        let Some(worker) = self.workers.get(&ix) else { return };
        let (origin_ix, private) = (worker.origin, worker.key.partition().is_private());
        let registration = worker.list.get_by_sequence(sequence);
        let standing = registration.map(|registration| {
            let activity = worker.activities.get(registration.tag());
            self.standing(registration, activity, worker.state)
        });
        let expires = registration.map(|registration| {
            let left = self.params.expires_at(registration.registered()).saturating_sub(self.observed().running);
            self.monotonic().after(left)
        });
        match expires {
            Some(at) => self.expiries.set((ix, sequence), at),
            None => {
                self.expiries.cancel((ix, sequence));
            }
        }
        let Some(origin) = self.origins.get_mut(&origin_ix) else { return };
        let was_ready = origin.ready.remove(&sequence).is_some();
        origin.waiting.remove(&sequence);
        origin.elsewhere.remove(&sequence);
        let mut until = None;
        match standing {
            Some(Standing::Ready) => {
                origin.ready.insert(sequence, ix);
            }
            Some(Standing::Until(at)) => until = Some(at),
            Some(Standing::BackingOff { until: at, deferred }) => {
                until = Some(at);
                if !deferred {
                    origin.waiting.insert(sequence, ix);
                }
            }
            Some(Standing::Elsewhere) => {
                origin.elsewhere.insert(sequence, ix);
            }
            Some(Standing::Held) | None => {}
        }
        // The first one decides for those behind it: when it goes, the next may be held by less.
        let lines_up = origin.ready.contains_key(&sequence) || (was_ready && !origin.ready.is_empty());
        match until {
            Some(at) => self.waits.set((ix, sequence), at),
            None => {
                self.waits.cancel((ix, sequence));
            }
        }
        if !private {
            self.wake.note_wait((ix, sequence), until);
            self.place_for_wake(origin_ix);
        }
        if lines_up {
            self.rotation.join(origin_ix);
        }
    }

    /// The same, by tag; and the tag's activity is forgotten if it is over.
    pub(super) fn place_tag(&mut self, ix: WorkerIx, tag: &Tag) {
        self.activity_over(ix, tag);
        let Some(worker) = self.workers.get_mut(&ix) else { return };
        if let Some(sequence) = worker.list.get(tag).map(SyncRegistration::sequence) {
            self.place(ix, sequence);
        }
        self.forget_worker_later(ix);
    }

    fn standing(&self, registration: &SyncRegistration, activity: Option<&Activity>, worker: WorkerState) -> Standing {
        let now = self.monotonic();
        if activity.is_some_and(|activity| activity.attempt.is_some()) {
            return Standing::Held;
        }
        let not_before = match *registration.state() {
            RegistrationState::Pending { not_before } => not_before.map(background_sync_registration::Wait::until),
            RegistrationState::Waiting { back_off, deferred } => {
                return Standing::BackingOff { until: back_off.until(), deferred };
            }
            RegistrationState::Firing { .. } | RegistrationState::ReregisteredWhileFiring { .. } => {
                return Standing::Held;
            }
        };
        let delivered = activity.and_then(|activity| activity.delivery).map(|delivery| delivery.until);
        if let Some(until) = not_before.max(delivered).filter(|until| *until > now) {
            return Standing::Until(until);
        }
        match worker {
            WorkerState::NotLoaded | WorkerState::NoSuchRegistration | WorkerState::None => Standing::Held,
            WorkerState::Activating | WorkerState::Active => {
                let declined = activity.and_then(|activity| activity.declined);
                if self.belongs_elsewhere(registration, declined) { Standing::Elsewhere } else { Standing::Ready }
            }
        }
    }

    /// Whether the network that is up is not one this registration may fire on.
    pub(super) fn belongs_elsewhere(&self, registration: &SyncRegistration, declined: Option<NetworkIdentity>) -> bool {
        let here = self.identity(self.connectivity.state());
        if here.is_some() && here == declined {
            return true;
        }
        match self.params.network_mode {
            NetworkMode::Any | NetworkMode::AskOnChange => false,
            NetworkMode::Same => differs(registration.network(), here),
        }
    }

    /// Whether the user has to be asked before it fires on the network that is up.
    pub(super) fn must_ask(&self, registration: &SyncRegistration) -> bool {
        match self.params.network_mode {
            NetworkMode::Any | NetworkMode::Same => false,
            NetworkMode::AskOnChange => differs(registration.network(), self.identity(self.connectivity.state())),
        }
    }

    /// A network as it is remembered: hashed with the profile's secret.
    pub(super) fn identity(&self, state: &NetworkState) -> Option<NetworkIdentity> {
        state.network_id().map(|id| self.identity_of(id))
    }

    /// The last network that was up and had a name. Hashed when it is asked for: it may have been heard of before
    /// the secret was read.
    pub(super) fn last_network_identity(&self) -> Option<NetworkIdentity> {
        self.last_network.as_ref().map(|id| self.identity_of(id))
    }

    fn identity_of(&self, id: &NetworkId) -> NetworkIdentity {
        use std::hash::Hasher as _;
        let mut hasher = siphasher::sip::SipHasher13::new_with_keys(self.network_secret[0], self.network_secret[1]);
        hasher.write(id.as_str().as_bytes());
        NetworkIdentity(hasher.finish())
    }
}

/// Two networks that are both known and not the same.
fn differs(a: Option<NetworkIdentity>, b: Option<NetworkIdentity>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a != b)
}
