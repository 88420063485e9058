use std::time::Duration;

use background_sync::SyncEventInit;
use background_sync::policy::{Facts, RegistrationKey, SyncKind};
use background_sync::registration::{MonotonicTime, Now, Tag};
use background_sync::scheduler::{NetworkId, NetworkState};

use crate::oracle::record::Certainty;
use crate::oracle::series::Excused;

/// How long a terminated event may keep its tag busy when the host never says that it ended.
const GRACE: Duration = Duration::from_secs(30);

/// A tag of one of the two lists of a service worker registration.
pub(in crate::oracle) type Tagged = (SyncKind, Tag);

#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) key: RegistrationKey,
    pub(super) started: Now,
    /// The tags it may be for; one, once that is known.
    pub(super) tags: Vec<Tagged>,
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
        /// The least and the most that its own cap may be, whatever is left of a budget.
        own_cap: (Duration, Duration),
        /// Whether something happened meanwhile that the worker could not help.
        interrupted: Excused,
    },
    /// Its end is decided; the host has not said that it is over.
    Ending {
        tag: Tagged,
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
    pub(super) fn tag(&self, tags: &[Tagged]) -> Option<Tagged> {
        match (self, tags) {
            (Self::Running { event, .. }, _) => Some((event.kind, event.tag.clone())),
            (Self::Ending { tag, .. }, _) => Some(tag.clone()),
            (Self::Starting { .. } | Self::Asking(_), [only]) => Some(only.clone()),
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

    pub(super) fn keeps_busy(&self, tag: &Tagged, now: Now) -> bool {
        match self {
            Self::Running { event, .. } => (event.kind, &event.tag) == (tag.0, &tag.1),
            Self::Ending { tag: ending, since } => ending == tag && now.monotonic.since(*since) < GRACE,
            Self::Starting { .. } | Self::Asking(_) => false,
        }
    }
}

/// Whether an event has used up its own cap by now.
pub(super) fn has_used_up(since: MonotonicTime, (least, most): (Duration, Duration), now: Now) -> Certainty {
    let ran = now.monotonic.since(since);
    Certainty::between(ran >= least, ran >= most)
}
