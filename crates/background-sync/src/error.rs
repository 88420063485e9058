use std::fmt;

use background_sync_policy::{DomExceptionName, Refusal};
use serde::{Deserialize, Serialize};

use crate::input::Unavailable;

/// Why `register(tag)` was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RegisterError {
    /// A rule said no.
    Refused(Refusal),
    /// Site data was cleared before the registration was durable.
    Cleared,
    /// The store could not make it durable. Trying again later may work.
    Store,
    /// The engine is shutting down, or the partition was closed.
    Shutdown,
    /// Too many requests wait already: in all, or of the origin's own.
    QueueFull,
}

impl RegisterError {
    /// The exception a page sees.
    #[must_use]
    pub const fn dom_exception(self) -> DomExceptionName {
        match self {
            Self::Refused(refusal) => refusal.dom_exception(),
            Self::Cleared => DomExceptionName::InvalidStateError,
            Self::Store | Self::Shutdown | Self::QueueFull => DomExceptionName::UnknownError,
        }
    }

    /// A sentence for the developer console: what happened and what to do.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.message(),
            Self::Cleared => "Site data was cleared while the sync was being registered; register it again.",
            Self::Store => "The sync could not be stored; try again, or send the data from the page instead.",
            Self::Shutdown => "The browser is shutting down; register the sync again when it is back.",
            Self::QueueFull => {
                "Too many sync requests of this site, or of all, are waiting; register one tag for a whole queue of work."
            }
        }
    }
}

impl fmt::Display for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for RegisterError {}

/// Why `getTags()` was rejected. The specification never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum GetTagsError {
    /// The store could not be read yet.
    Store,
    /// The engine is shutting down, or the partition was closed.
    Shutdown,
    /// Too many requests wait already: in all, or of the origin's own.
    QueueFull,
}

impl GetTagsError {
    /// The exception a page sees.
    #[must_use]
    pub const fn dom_exception(self) -> DomExceptionName {
        match self {
            Self::Store | Self::Shutdown | Self::QueueFull => DomExceptionName::UnknownError,
        }
    }
}

impl fmt::Display for GetTagsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Store => "The stored syncs could not be read yet; try again.",
            Self::Shutdown => RegisterError::Shutdown.message(),
            Self::QueueFull => RegisterError::QueueFull.message(),
        })
    }
}

impl std::error::Error for GetTagsError {}

/// Why a registration could not be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum CancelError {
    /// The registration is gone for this session, but the store still has it; it is tried again.
    Store,
    /// The engine is shutting down, or the partition was closed.
    Shutdown,
    /// Too many requests wait already: in all, or of the origin's own.
    QueueFull,
}

impl fmt::Display for CancelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Store => "The sync is cancelled, but the store still has it; it will be tried again.",
            Self::Shutdown => RegisterError::Shutdown.message(),
            Self::QueueFull => RegisterError::QueueFull.message(),
        })
    }
}

impl std::error::Error for CancelError {}

/// Why `unregister(tag)` was rejected. The specification never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum UnregisterError {
    /// The registration is gone for this session, but the store still has it; it is tried again.
    Store,
    /// The engine is shutting down, or the partition was closed.
    Shutdown,
    /// Too many requests wait already: in all, or of the origin's own.
    QueueFull,
}

impl UnregisterError {
    /// The exception a page sees.
    #[must_use]
    pub const fn dom_exception(self) -> DomExceptionName {
        match self {
            Self::Store | Self::Shutdown | Self::QueueFull => DomExceptionName::UnknownError,
        }
    }
}

impl fmt::Display for UnregisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Store => "The sync is unregistered, but the store still has it; it will be tried again.",
            Self::Shutdown => RegisterError::Shutdown.message(),
            Self::QueueFull => RegisterError::QueueFull.message(),
        })
    }
}

impl std::error::Error for UnregisterError {}

/// Why nobody can be told that something was taken away durably.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RemovalError {
    /// It is gone for this session, but the engine shuts down and the store could not be written: the next start
    /// finds it again.
    Store,
    /// The engine is shutting down, and it did not happen.
    Shutdown,
    /// Too many wait to be told already. It may have happened all the same.
    QueueFull,
    /// Background sync is [switched off](background_sync_scheduler::SyncParameters::enabled), and what is stored was
    /// not touched: an engine repeats the removal when it is on again.
    SwitchedOff,
    /// The host that had to be asked what had changed panicked, and it did not happen. An engine tells of it again.
    HostPanicked,
}

impl fmt::Display for RemovalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Store => {
                "The syncs are removed, but the store still has them, as it cannot be written; remove them again at the next start."
            }
            Self::Shutdown => {
                "The browser is shutting down, and the syncs were not removed; remove them at the next start."
            }
            Self::QueueFull => "Too many removals of syncs are waiting; ask again when some are done.",
            Self::SwitchedOff => {
                "Background sync is off, and stored syncs were not removed; remove them when it is on again."
            }
            Self::HostPanicked => {
                "The browser failed to say what had changed, and the syncs were not removed; tell of the change again."
            }
        })
    }
}

impl std::error::Error for RemovalError {}

/// A call that can't be served at all is told so in its own words.
macro_rules! unavailable {
    ($($error:ident),*) => {
        $(impl From<Unavailable> for $error {
            fn from(why: Unavailable) -> Self {
                match why {
                    Unavailable::Store => Self::Store,
                    Unavailable::Shutdown => Self::Shutdown,
                    Unavailable::QueueFull => Self::QueueFull,
                }
            }
        })*
    };
}

unavailable!(RegisterError, GetTagsError, CancelError, UnregisterError);
