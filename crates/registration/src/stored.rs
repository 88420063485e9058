use std::time::Duration;

use background_sync_policy::{RegistrationKey, SyncKind};
use serde::{Deserialize, Serialize};

use crate::{
    Damage, MinInterval, NetworkIdentity, Now, Observed, RegistrationState, Schedule, Sequence, Series,
    SyncRegistration, Tag, Wait, WallTime, seal, sealed::unsealed, stored_versions,
};

/// Version of the stored form that this program writes. Every version ever written stays readable;
/// `tests/golden/` keeps one file of each.
pub const STORED_REGISTRATION_VERSION: u8 = 4;

/// A sync registration as the store keeps it: everything that a restart must not lose, and no moment
/// of a clock that does not survive one.
///
/// It is made and taken apart as a whole: who writes one, or keeps its parts in columns of their own, has to notice a new
/// part, or a restart would lose it. A store that keeps the bytes of [`encode`](Self::encode) need not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRegistration {
    /// Identity and rank.
    pub sequence: Sequence,
    /// The service worker registration it belongs to.
    pub key: RegistrationKey,
    /// Which API it was registered with.
    pub kind: SyncKind,
    /// The tag.
    pub tag: Tag,
    /// The state.
    pub state: StoredState,
    /// Attempts so far.
    pub series: Series,
    /// When it was last registered.
    pub registered: Observed,
    /// The network it was registered on, where the host names networks.
    pub network: Option<NetworkIdentity>,
    /// How often a periodic one may fire, and since when that counts; `None` of a one-shot one.
    pub schedule: Option<Schedule>,
}

/// A wait as the store keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredWait {
    /// When it ends.
    pub until: WallTime,
    /// How long it was meant to take: the most that can be left of it, whatever the clock says.
    pub length: Duration,
}

impl StoredWait {
    /// A wait that ends at this moment, and was meant to take so long.
    #[must_use]
    pub const fn new(until: WallTime, length: Duration) -> Self {
        Self { until, length }
    }
}

/// The four states as the store keeps them. The specification has no more: whoever reads or writes them sees all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoredState {
    /// Pending, perhaps not before some time.
    Pending(Option<StoredWait>),
    /// Waiting for a retry; the flag tells that the host chose the time.
    Waiting(StoredWait, bool),
    /// An attempt was about to begin or running when this was written; the flag is its `lastChance`.
    Firing(bool),
    /// As `Firing`, and registered again meanwhile: pending after a restart, in a new series.
    ReregisteredWhileFiring,
}

impl StoredRegistration {
    /// The bytes to store.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        seal(STORED_REGISTRATION_VERSION, self)
    }

    /// Reads stored bytes of any version.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn decode(bytes: &[u8]) -> Result<Self, Damage> {
        let (version, body) = unsealed(bytes)?;
        stored_versions::read(version, body, |bytes: &mut &[u8]| stored_versions::take(bytes))
    }
}

impl SyncRegistration {
    /// The form to store. While an attempt is being started the state is still pending;
    /// `starting` then is its `lastChance`, which must be durable before the event is dispatched.
    #[must_use]
    pub fn to_stored(
        &self,
        (key, kind, tag): (&RegistrationKey, SyncKind, &Tag),
        starting: Option<bool>,
    ) -> StoredRegistration {
        let state = match (self.state(), starting) {
            (RegistrationState::Pending { .. }, Some(last_chance)) => StoredState::Firing(last_chance),
            (RegistrationState::Pending { not_before }, None) => StoredState::Pending(not_before.map(StoredWait::from)),
            (RegistrationState::Waiting { back_off, deferred }, _) => StoredState::Waiting(back_off.into(), deferred),
            (RegistrationState::Firing { last_chance }, _) => StoredState::Firing(last_chance),
            (RegistrationState::ReregisteredWhileFiring { .. }, _) => StoredState::ReregisteredWhileFiring,
        };
        StoredRegistration {
            sequence: self.sequence(),
            key: key.clone(),
            kind,
            tag: tag.clone(),
            state,
            series: self.series(),
            registered: self.registered(),
            network: self.network(),
            schedule: self.schedule(),
        }
    }

    /// Takes a stored registration up again. What was firing comes back as
    /// [`RegistrationState::Firing`]: how that attempt ended is for the caller to decide.
    #[must_use]
    pub fn from_stored(stored: &StoredRegistration, now: Now) -> Self {
        let resume = |wait: StoredWait| Wait::resumed(wait.until, wait.length, now);
        let (state, series) = match stored.state {
            StoredState::Pending(wait) => (RegistrationState::Pending { not_before: wait.map(resume) }, stored.series),
            StoredState::Waiting(wait, deferred) => {
                (RegistrationState::Waiting { back_off: resume(wait), deferred }, stored.series)
            }
            StoredState::Firing(last_chance) => (RegistrationState::Firing { last_chance }, stored.series),
            // Another call asked for no other event than the next one: what ran is over like any other.
            StoredState::ReregisteredWhileFiring if stored.kind == SyncKind::Periodic => {
                (RegistrationState::Firing { last_chance: false }, stored.series)
            }
            StoredState::ReregisteredWhileFiring => {
                (RegistrationState::Pending { not_before: None }, Series::default())
            }
        };
        let mut resumed = Self::resumed(stored.sequence, stored.registered, state, series, stored.network);
        if stored.kind == SyncKind::Periodic {
            // One of a store that was written before there were schedules: as often as the browser lets it.
            let since_then = Schedule::new(MinInterval::default(), stored.registered.wall);
            resumed.set_schedule(Some(stored.schedule.unwrap_or(since_then)));
        }
        resumed
    }
}

impl From<Wait> for StoredWait {
    fn from(wait: Wait) -> Self {
        Self { until: wait.until_wall(), length: wait.length() }
    }
}
