use background_sync_policy::{Facts, Origin, Partition, RegistrationKey};
use background_sync_registration::{MinInterval, Tag};
use background_sync_scheduler::{AskedBy, Engagement, UtcOffset};
use serde::{Deserialize, Serialize};

use crate::input::Unavailable;
use crate::{Reply, RequestId};

/// What can happen to the machine because of periodic syncs, and only because of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PeriodicInput {
    /// `PeriodicSyncManager.register(tag, options)`. Answered by [`Reply::Registered`](crate::Reply::Registered).
    Register {
        /// Names the call.
        request: RequestId,
        /// The service worker registration that the manager belongs to.
        key: RegistrationKey,
        /// The tag, already converted to a `DOMString`.
        tag: Tag,
        /// `options.minInterval`, already converted.
        min_interval: MinInterval,
        /// Which global called.
        asked_by: AskedBy,
        /// What trusted code knows at this moment, as for a one-shot call; the permission is
        /// `periodic-background-sync`.
        facts: Facts,
    },
    /// `PeriodicSyncManager.unregister(tag)`. Answered by [`Reply::Unregistered`](crate::Reply::Unregistered).
    Unregister {
        /// Names the call.
        request: RequestId,
        /// The service worker registration that the manager belongs to.
        key: RegistrationKey,
        /// The tag.
        tag: Tag,
    },
    /// The user has opened or come back to a page of the origin, at top level and by an action of their own. What a
    /// frame inside another site's page does is none.
    Visited {
        /// The partition.
        partition: Partition,
        /// The origin.
        origin: Origin,
        /// What civil time is ahead by where the user is.
        offset: UtcOffset,
    },
    /// What civil time is ahead by where the user is: said at the start, and when it changes.
    UtcOffset(UtcOffset),
    /// The engine judges anew how much the user has to do with an origin.
    EngagementChanged {
        /// The partition.
        partition: Partition,
        /// The origin.
        origin: Origin,
        /// How much.
        engagement: Engagement,
    },
    /// The user pauses the periodic syncs of an origin, or lets them go on. Nothing is removed. The engine remembers
    /// it, and says so again at the next start.
    PauseChanged {
        /// The partition.
        partition: Partition,
        /// The origin.
        origin: Origin,
        /// Whether they are paused.
        paused: bool,
    },
}

impl PeriodicInput {
    /// Whose request this is, if it is one.
    pub(crate) fn key_of_request(&self) -> Option<&RegistrationKey> {
        match self {
            Self::Register { key, .. } | Self::Unregister { key, .. } => Some(key),
            Self::Visited { .. } | Self::UtcOffset(_) | Self::EngagementChanged { .. } | Self::PauseChanged { .. } => {
                None
            }
        }
    }

    /// The reply that turns this input down, if it is a request.
    pub(crate) fn rejection(&self, why: Unavailable) -> Option<(RequestId, Reply)> {
        match self {
            Self::Register { request, .. } => Some((*request, Reply::Registered(Err(why.into())))),
            Self::Unregister { request, .. } => Some((*request, Reply::Unregistered(Err(why.into())))),
            Self::Visited { .. } | Self::UtcOffset(_) | Self::EngagementChanged { .. } | Self::PauseChanged { .. } => {
                None
            }
        }
    }
}
