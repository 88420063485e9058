use std::time::Duration;

use crate::{MonotonicTime, RegistrationState, Series, Tag, WallTime};

/// Identity and rank of a registration.
///
/// Later first registrations have larger numbers, across restarts too, and no registration has the number of another
/// one; that of a call that was refused may be given again.
/// Lists are in this order, and an attempt that belongs to another number is another generation's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Sequence(pub u64);

/// When something was seen, on the two clocks that age counts on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Observed {
    /// Civil time.
    pub wall: WallTime,
    /// Time this profile has been running, over all its sessions.
    pub running: Duration,
}

/// A network, as a keyed hash of the host's identifier. The identifier itself is never kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct NetworkIdentity(pub u64);

/// A sync registration (`sync.def.registration`): a tag and a state, owned by the list of one service
/// worker registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncRegistration {
    /// `sync.def.registration`: a `DOMString`.
    pub(crate) tag: Tag,
    pub(crate) state: RegistrationState,
    pub(crate) sequence: Sequence,
    pub(crate) series: Series,
    pub(crate) registered: Observed,
    pub(crate) reregistered_in_a_row: u32,
    pub(crate) last_attempt_ended: Option<MonotonicTime>,
    pub(crate) network: Option<NetworkIdentity>,
}

impl SyncRegistration {
    /// The tag.
    #[must_use]
    pub fn tag(&self) -> &Tag {
        &self.tag
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> &RegistrationState {
        &self.state
    }

    /// Its identity and rank.
    #[must_use]
    pub fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// The attempts made so far.
    #[must_use]
    pub fn series(&self) -> Series {
        self.series
    }

    /// When it was last registered.
    #[must_use]
    pub fn registered(&self) -> Observed {
        self.registered
    }

    /// How many events in a row were registered again while they ran.
    #[must_use]
    pub fn reregistered_in_a_row(&self) -> u32 {
        self.reregistered_in_a_row
    }

    /// When its last attempt ended, if one ended in this session.
    #[must_use]
    pub fn last_attempt_ended(&self) -> Option<MonotonicTime> {
        self.last_attempt_ended
    }

    /// The network it was registered on, where the host names networks.
    #[must_use]
    pub fn network(&self) -> Option<NetworkIdentity> {
        self.network
    }

    /// Remembers the network it was registered on.
    pub fn set_network(&mut self, network: Option<NetworkIdentity>) {
        self.network = network;
    }

    /// Takes every wait from the wall clock again after the clocks came apart.
    pub fn realign(&mut self, now: crate::Now) {
        match &mut self.state {
            RegistrationState::Pending { not_before } => *not_before = not_before.map(|wait| wait.realigned(now)),
            RegistrationState::Waiting { back_off, .. } => *back_off = back_off.realigned(now),
            RegistrationState::Firing { .. } | RegistrationState::ReregisteredWhileFiring { .. } => {}
        }
    }
}
