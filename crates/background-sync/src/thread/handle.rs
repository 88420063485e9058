use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::thread::{ThreadId, current};
use std::time::Duration;

use background_sync_policy::{RegistrationKey, SyncKind};
use background_sync_registration::Tag;
use crossbeam_channel::bounded;

use super::board::Board;
use super::{Exit, InspectError, ShutDownError, Snapshot};
use crate::driver::{Message, panic_message};
use crate::{Machine, Notice, Poster, WhyNot};

/// The way to a [`BackgroundSyncThread`](crate::BackgroundSyncThread), from any thread.
///
/// When the last one is dropped the thread shuts down, without anybody waiting for it. Posters alone do not keep it
/// running.
#[derive(Clone, Debug)]
pub struct Handle(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    poster: Poster,
    board: Arc<Board>,
    thread: ThreadId,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.poster.notify(Notice::Shutdown);
    }
}

impl Handle {
    pub(super) fn new(poster: Poster, board: Arc<Board>, thread: ThreadId) -> Self {
        Self(Arc::new(Shared { poster, board, thread }))
    }

    /// The way in for requests and notices.
    #[must_use]
    pub fn poster(&self) -> &Poster {
        &self.0.poster
    }

    /// Whether the thread takes anything in. When it does not, [`exit`](Self::exit) says why.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.exit().is_none()
    }

    /// How the thread ended, if it has.
    #[must_use]
    pub fn exit(&self) -> Option<Exit> {
        self.0.board.exit()
    }

    /// The latest snapshot. Does not wait for the thread; `None` before the first one.
    #[must_use]
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.0.board.snapshot()
    }

    /// Looks at the machine itself, between two inputs. Waits for its turn.
    ///
    /// # Errors
    /// When there is nothing to wait for, or `look` panics.
    pub fn inspect<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Machine) -> T + Send + 'static,
    ) -> Result<T, InspectError> {
        if self.is_this_thread() {
            return Err(InspectError::OnItsOwnThread);
        }
        let (answer, wait) = bounded(1);
        let look = move |machine: &Machine| match catch_unwind(AssertUnwindSafe(|| look(machine))) {
            Ok(seen) => drop(answer.send(Ok(seen))),
            Err(payload) => {
                drop(answer.send(Err(InspectError::Panicked(panic_message(&*payload)))));
                // Whoever contains what hosts do reports it.
                resume_unwind(payload);
            }
        };
        self.poster().post(Message::Inspect(Box::new(look)));
        wait.recv().unwrap_or(Err(InspectError::Ended))
    }

    /// Why a tag's event does not start now. Waits for its turn.
    ///
    /// # Errors
    /// When there is nothing to wait for.
    pub fn why_not(&self, key: &RegistrationKey, kind: SyncKind, tag: &Tag) -> Result<Vec<WhyNot>, InspectError> {
        let (key, tag) = (key.clone(), tag.clone());
        self.inspect(move |machine| machine.why_not(&key, kind, &tag))
    }

    /// Shuts the machine down and waits until every call has its answer, the store its last commit, and the hosts are
    /// dropped. Whoever else calls it waits for the same.
    ///
    /// # Errors
    /// When that has not happened after `timeout`, of the system's clock: a store that never says how a commit ended is
    /// waited for, by the thread itself without end. And when it is called on the thread itself.
    pub fn shut_down(&self, timeout: Duration) -> Result<Exit, ShutDownError> {
        if self.is_this_thread() {
            return Err(ShutDownError::OnItsOwnThread);
        }
        self.poster().notify(Notice::Shutdown);
        self.0.board.wait(timeout).ok_or(ShutDownError::StillRunning)
    }

    fn is_this_thread(&self) -> bool {
        current().id() == self.0.thread
    }
}
