use std::time::Duration;

use background_sync_policy::{Origin, Partition, RegistrationKey, SyncKind, UserSwitch};
use background_sync_registration::WallTime;
use background_sync_scheduler::ConditionOverride;
use serde::{Deserialize, Serialize};

use crate::{AttemptId, ClearedScope, NetworkSubject, WakeToken};

/// What changed in the engine. Where the hosts know the new state, the driver asks them for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Notice {
    /// The network, for everybody or for one origin.
    Network(NetworkSubject),
    /// An origin's windows.
    Clients(Partition, Origin),
    /// What the operating system allows.
    Restriction,
    /// The charger or the battery.
    Power,
    /// The user said to run syncs of a kind whatever conditions hold back, of one origin or of all, or took that back:
    /// see [`Input::ConditionOverride`](crate::Input::ConditionOverride).
    ConditionOverride(Option<(Partition, Origin)>, SyncKind, ConditionOverride),
    /// The state of a service worker registration.
    Worker(RegistrationKey),
    /// The engine has read its own service worker registrations. Until then one that it does not know is taken as not
    /// loaded; from now on what is stored for it goes. An engine that knows them before it starts background sync
    /// says so at once.
    WorkersKnown,
    /// The user's answer.
    Answered(AttemptId, bool),
    /// The user has opened or come back to a page of an origin, at top level and by an action of their own: what
    /// periodic syncs are placed by. Frames inside other sites' pages feed nothing.
    #[cfg(feature = "periodic")]
    Visited(Partition, Origin),
    /// What civil time is ahead by: the clock is asked.
    #[cfg(feature = "periodic")]
    UtcOffset,
    /// How much the user has to do with an origin: the host is asked.
    #[cfg(feature = "periodic")]
    Engagement(Partition, Origin),
    /// Whether the user pauses the periodic syncs of an origin: the host is asked.
    #[cfg(feature = "periodic")]
    Paused(Partition, Origin),
    /// The system goes to sleep.
    Slept,
    /// The system woke up.
    Woke,
    /// The process is being frozen.
    Frozen,
    /// The process goes on.
    Thawed,
    /// The operating system woke the engine for a sync and lets it run this long.
    Woken(WakeToken, Duration),
    /// What may take registrations away. To be told when that is durable use
    /// [`Poster::remove`](crate::Poster::remove).
    Removal(Removal),
    /// The engine is shutting down.
    Shutdown,
}

/// What takes registrations away, or may.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Removal {
    /// An origin's permission for syncs of a kind changed; the hosts are asked what it is now.
    Permission(Partition, Origin, SyncKind),
    /// The user's switch for syncs of a kind was moved, for one origin or for all.
    UserSwitch(Option<(Partition, Origin)>, SyncKind, UserSwitch),
    /// A service worker registration is gone.
    Unregistered(RegistrationKey),
    /// Site data was cleared, from a time on or altogether.
    DataCleared(ClearedScope, Option<WallTime>),
    /// A private partition was closed.
    PartitionClosed(Partition),
}

impl From<Removal> for Notice {
    fn from(removal: Removal) -> Self {
        Self::Removal(removal)
    }
}

impl Notice {
    /// Whether it says only that something has changed, so that two of them that wait are as good as one: what it is
    /// now is asked when it is taken.
    pub(crate) fn asks_for_state(&self) -> bool {
        match self {
            Self::Network(_)
            | Self::Clients(..)
            | Self::Restriction
            | Self::Power
            | Self::Worker(_)
            | Self::Removal(Removal::Permission(..)) => true,
            #[cfg(feature = "periodic")]
            Self::UtcOffset | Self::Engagement(..) | Self::Paused(..) => true,
            // Two visits that wait are one.
            #[cfg(feature = "periodic")]
            Self::Visited(..) => true,
            Self::WorkersKnown
            | Self::ConditionOverride(..)
            | Self::Answered(..)
            | Self::Slept
            | Self::Woke
            | Self::Frozen
            | Self::Thawed
            | Self::Woken(..)
            | Self::Removal(
                Removal::UserSwitch(..)
                | Removal::Unregistered(_)
                | Removal::DataCleared(..)
                | Removal::PartitionClosed(_),
            )
            | Self::Shutdown => false,
        }
    }
}
