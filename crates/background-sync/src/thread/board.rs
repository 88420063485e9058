use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex, RwLock};
use serde::{Deserialize, Serialize};

use super::Snapshot;

/// How a thread ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Exit {
    /// It was shut down, and the store has had its last commit.
    ShutDown,
    /// Background sync itself panicked, with this message. What was acknowledged is in the store; a new thread finds it
    /// there.
    Panicked(String),
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShutDown => f.write_str("it was shut down"),
            Self::Panicked(message) => write!(f, "it panicked: {message}"),
        }
    }
}

/// What the thread shows to everybody.
#[derive(Debug, Default)]
pub(super) struct Board {
    snapshot: RwLock<Option<Arc<Snapshot>>>,
    exit: Mutex<Option<Exit>>,
    ended: Condvar,
}

impl Board {
    pub(super) fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.snapshot.read().clone()
    }

    pub(super) fn show(&self, snapshot: Snapshot) {
        *self.snapshot.write() = Some(Arc::new(snapshot));
    }

    /// How the thread ended, if it has.
    pub(super) fn exit(&self) -> Option<Exit> {
        self.exit.lock().clone()
    }

    pub(super) fn set_exit(&self, exit: Exit) {
        if let Some(last) = self.snapshot() {
            self.show(Snapshot { exit: Some(exit.clone()), ..(*last).clone() });
        }
        *self.exit.lock() = Some(exit);
        self.ended.notify_all();
    }

    /// Waits for the end, however many do.
    pub(super) fn wait(&self, timeout: Duration) -> Option<Exit> {
        let mut exit = self.exit.lock();
        self.ended.wait_while_for(&mut exit, |exit| exit.is_none(), timeout);
        exit.clone()
    }
}
