use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a thread could not be started.
#[derive(Debug)]
#[non_exhaustive]
pub enum SpawnError<E> {
    /// The system has no thread to give.
    NoThread(std::io::Error),
    /// The hosts could not be made.
    Hosts(E),
    /// What makes the hosts panicked, with this message.
    Panicked(String),
}

impl<E: fmt::Display> fmt::Display for SpawnError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoThread(error) => write!(f, "background sync has no thread: {error}"),
            Self::Hosts(error) => write!(f, "background sync's hosts could not be made: {error}"),
            Self::Panicked(message) => write!(f, "what makes background sync's hosts panicked: {message}"),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for SpawnError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NoThread(error) => Some(error),
            Self::Hosts(error) => Some(error),
            Self::Panicked(_) => None,
        }
    }
}

/// Why a look at the machine gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum InspectError {
    /// The thread has ended.
    Ended,
    /// It was asked for on that very thread: by a host, or in a reply closure. It would wait for itself.
    OnItsOwnThread,
    /// What looks panicked, with this message.
    Panicked(String),
}

impl fmt::Display for InspectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended => f.write_str("background sync has ended"),
            Self::OnItsOwnThread => f.write_str("background sync's own thread cannot wait for itself"),
            Self::Panicked(message) => write!(f, "what looked at background sync panicked: {message}"),
        }
    }
}

impl std::error::Error for InspectError {}

/// Why a shutdown is not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ShutDownError {
    /// It goes on, but was not complete in time: the store has not said that its last commit is durable.
    StillRunning,
    /// It was asked for on that very thread: by a host, or in a reply closure. It would wait for itself, so nothing was
    /// done; post [`Notice::Shutdown`](crate::Notice::Shutdown) there.
    OnItsOwnThread,
}

impl fmt::Display for ShutDownError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StillRunning => "background sync is still shutting down; its store has not written everything yet",
            Self::OnItsOwnThread => "background sync's own thread cannot wait for its end",
        })
    }
}

impl std::error::Error for ShutDownError {}
