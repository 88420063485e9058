use background_sync_policy::{Origin, Partition, RegistrationKey, SyncKind};
#[cfg(feature = "periodic")]
use background_sync_registration::MinInterval;
use background_sync_registration::Tag;

use super::reply::Reply;
use super::said_at_once::Said;
use super::{Call, HostPanic, Notice, Removal};
#[cfg(feature = "periodic")]
use crate::UnregisterError;
use crate::{
    AttemptId, CancelError, GetTagsError, NotStarted, Outcome, RegisterError, RemovalError, RequestId, RowBatch,
    StoreContents, StoreFailure,
};

/// What reaches the driver.
pub(crate) enum Message {
    /// A call from any thread, with the way back.
    Request(Question, Way),
    /// A call from the driver's own thread, whose way back is there already.
    Local(Question, RequestId),
    Notice(Notice),
    Removal(Removal, Reply<Result<(), RemovalError>>),
    Ready(AttemptId),
    NotStarted(AttemptId, NotStarted),
    Finished(AttemptId, Outcome),
    Rows(RowBatch),
    Loaded(Result<StoreContents, StoreFailure>),
    Committed(Said),
    Delivered(RequestId),
    Gone(RequestId),
    #[cfg(feature = "thread")]
    Inspect(Box<dyn FnOnce(&crate::Machine) + Send>),
    /// Where nobody could be told at once.
    Panicked(HostPanic),
    /// What no host can bring about.
    #[cfg(all(test, feature = "thread"))]
    FaultOfOurOwn,
}

/// What a call asks.
pub(crate) enum Question {
    Register {
        key: RegistrationKey,
        tag: Tag,
        call: Call,
    },
    GetTags {
        key: RegistrationKey,
        kind: SyncKind,
    },
    Cancel {
        key: RegistrationKey,
        kind: SyncKind,
        tag: Tag,
    },
    #[cfg(feature = "periodic")]
    RegisterPeriodic {
        key: RegistrationKey,
        tag: Tag,
        min_interval: MinInterval,
        call: Call,
    },
    #[cfg(feature = "periodic")]
    Unregister {
        key: RegistrationKey,
        tag: Tag,
    },
}

/// Who has a share of the queue.
pub(crate) type Site = (Partition, Origin);

impl Question {
    pub(crate) fn site(&self) -> Site {
        match self {
            Self::Register { key, .. } | Self::GetTags { key, .. } | Self::Cancel { key, .. } => {
                (key.partition(), key.origin().clone())
            }
            #[cfg(feature = "periodic")]
            Self::RegisterPeriodic { key, .. } | Self::Unregister { key, .. } => {
                (key.partition(), key.origin().clone())
            }
        }
    }
}

/// The way back of a call from any thread.
pub(crate) enum Way {
    Registered(Reply<Result<(), RegisterError>>),
    Tags(Reply<Result<Vec<Tag>, GetTagsError>>),
    Cancelled(Reply<Result<bool, CancelError>>),
    #[cfg(feature = "periodic")]
    Unregistered(Reply<Result<(), UnregisterError>>),
}
