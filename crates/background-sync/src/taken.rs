//! What inputs take away, and who wants to hear that it is durably gone.

use background_sync_policy::{Partition, UserSwitch};

use crate::{ClearedScope, Input, RequestId};

/// What an input takes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Nothing: what was forbidden is allowed now.
    Nothing,
    /// Something that no store holds (invariant I12).
    Private,
    /// Something that has to be taken out of the store.
    Stored,
}

impl Taken {
    fn of(partition: Partition) -> Self {
        if partition.is_private() { Self::Private } else { Self::Stored }
    }
}

impl Input {
    /// The request that wants to hear when what this input takes away is durably gone.
    #[must_use]
    pub const fn removal_request(&self) -> Option<RequestId> {
        match self {
            Self::PermissionChanged { request, .. }
            | Self::UserSwitch { request, .. }
            | Self::Unregistered { request, .. }
            | Self::DataCleared { request, .. }
            | Self::PartitionClosed { request, .. } => *request,
            Self::Rows { .. }
            | Self::Loaded(_)
            | Self::LoadFailed
            | Self::Register { .. }
            | Self::GetTags { .. }
            | Self::Cancel { .. }
            | Self::ReplyDelivered { .. }
            | Self::RequesterGone { .. }
            | Self::Ready { .. }
            | Self::NotStarted { .. }
            | Self::Finished { .. }
            | Self::Committed { .. }
            | Self::CommitFailed { .. }
            | Self::ContentsLost { .. }
            | Self::NetworkChanged { .. }
            | Self::ClientsChanged { .. }
            | Self::RestrictionChanged { .. }
            | Self::PowerChanged { .. }
            | Self::ConditionOverride { .. }
            | Self::WorkersKnown { .. }
            | Self::WorkerChanged { .. }
            | Self::Answered { .. }
            | Self::Slept
            | Self::Woke
            | Self::Frozen
            | Self::Thawed
            | Self::Woken { .. }
            | Self::Tick
            | Self::Shutdown => None,
            #[cfg(feature = "periodic")]
            Self::Periodic(_) => None,
        }
    }

    /// Takes the request out that wants to hear when what this input takes away is durably gone, with what that
    /// is.
    pub(crate) fn take_removal_request(&mut self) -> Option<(RequestId, Taken)> {
        let (request, taken) = match self {
            Self::PermissionChanged { request, partition, kind, state, .. } => {
                (request, if kind.is_allowed(*state) { Taken::Nothing } else { Taken::of(*partition) })
            }
            Self::UserSwitch { request, origin, switch, .. } => match (switch, origin) {
                (UserSwitch::On, _) => (request, Taken::Nothing),
                (UserSwitch::Off, Some((partition, _))) => (request, Taken::of(*partition)),
                (UserSwitch::Off, None) => (request, Taken::Stored),
            },
            Self::Unregistered { request, key } => {
                let taken = Taken::of(key.partition());
                (request, taken)
            }
            Self::DataCleared { request, scope, .. } => (request, Taken::of(scope.partition())),
            Self::PartitionClosed { request, partition } => {
                (request, if partition.is_private() { Taken::Private } else { Taken::Nothing })
            }
            Self::Rows { .. }
            | Self::Loaded(_)
            | Self::LoadFailed
            | Self::Register { .. }
            | Self::GetTags { .. }
            | Self::Cancel { .. }
            | Self::ReplyDelivered { .. }
            | Self::RequesterGone { .. }
            | Self::Ready { .. }
            | Self::NotStarted { .. }
            | Self::Finished { .. }
            | Self::Committed { .. }
            | Self::CommitFailed { .. }
            | Self::ContentsLost { .. }
            | Self::NetworkChanged { .. }
            | Self::ClientsChanged { .. }
            | Self::RestrictionChanged { .. }
            | Self::PowerChanged { .. }
            | Self::ConditionOverride { .. }
            | Self::WorkersKnown { .. }
            | Self::WorkerChanged { .. }
            | Self::Answered { .. }
            | Self::Slept
            | Self::Woke
            | Self::Frozen
            | Self::Thawed
            | Self::Woken { .. }
            | Self::Tick
            | Self::Shutdown => return None,
            #[cfg(feature = "periodic")]
            Self::Periodic(_) => return None,
        };
        request.take().map(|request| (request, taken))
    }
}

impl ClearedScope {
    fn partition(&self) -> Partition {
        match self {
            Self::Partition(partition) | Self::Origin(partition, _) => *partition,
            Self::Key(key) => key.partition(),
        }
    }
}
