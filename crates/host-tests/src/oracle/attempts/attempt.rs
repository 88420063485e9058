use std::time::Duration;

use background_sync::SyncEventInit;
use background_sync::policy::{Facts, RegistrationKey};
use background_sync::registration::{MonotonicTime, Now, Tag};
use background_sync::scheduler::{NetworkId, NetworkState};

use crate::oracle::series::Excused;

/// How long a terminated event may keep its tag busy when the host never says that it ended.
const GRACE: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) key: RegistrationKey,
    pub(super) started: Now,
    /// The tags it may be for; one, once that is known.
    pub(super) tags: Vec<Tag>,
    pub(super) phase: Phase,
}

#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// The user is asked about this network.
    Asking(Option<NetworkId>),
    Starting {
        ready: Option<(Facts, NetworkState)>,
    },
    Running {
        event: SyncEventInit,
        since: MonotonicTime,
        /// Whether something happened meanwhile that the worker could not help.
        interrupted: Excused,
    },
    /// Its end is decided; the host has not said that it is over.
    Ending {
        tag: Tag,
        since: MonotonicTime,
    },
}

impl Phase {
    pub(super) fn is_live(&self) -> bool {
        match self {
            Self::Starting { .. } | Self::Running { .. } => true,
            Self::Ending { .. } | Self::Asking(_) => false,
        }
    }

    /// The tag it is for, if that is known.
    pub(super) fn tag<'a>(&'a self, tags: &'a [Tag]) -> Option<&'a Tag> {
        match (self, tags) {
            (Self::Running { event, .. }, _) => Some(&event.tag),
            (Self::Ending { tag, .. }, _) => Some(tag),
            (Self::Starting { .. } | Self::Asking(_), [only]) => Some(only),
            (Self::Starting { .. } | Self::Asking(_), _) => None,
        }
    }

    /// An event that was to end takes its place until it has, or nobody waits for it any more.
    pub(super) fn takes_a_place(&self, now: Now, frozen: bool) -> bool {
        match self {
            Self::Asking(_) | Self::Starting { .. } | Self::Running { .. } => true,
            Self::Ending { since, .. } => frozen || now.monotonic.since(*since) < GRACE,
        }
    }

    pub(super) fn keeps_busy(&self, tag: &Tag, now: Now) -> bool {
        match self {
            Self::Running { event, .. } => event.tag == *tag,
            Self::Ending { tag: ending, since } => ending == tag && now.monotonic.since(*since) < GRACE,
            Self::Starting { .. } | Self::Asking(_) => false,
        }
    }
}
