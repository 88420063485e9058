use std::iter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use background_sync_registration::MonotonicTime;
use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::board::{Board, Exit};
use super::{OnExit, Snapshot, Watch};
use crate::EngineHost;
use crate::driver::{Core, Message, panic_message};

/// A snapshot is taken at most this often.
const SNAPSHOT_EVERY: Duration = Duration::from_millis(100);

/// The thread's own side.
pub(super) struct Actor<E> {
    // Dropped before the inbox: then nothing is sent any more.
    core: Core<E>,
    inbox: Receiver<Message>,
    board: Arc<Board>,
    watch: Option<Watch>,
    taken_at: Option<MonotonicTime>,
    /// Something happened since.
    stale: bool,
}

impl<E: EngineHost> Actor<E> {
    pub(super) fn new(core: Core<E>, inbox: Receiver<Message>, board: Arc<Board>, watch: Option<Watch>) -> Self {
        Self { core, inbox, board, watch, taken_at: None, stale: true }
    }

    /// Runs until the shutdown is complete or something of background sync's own panics. In either case everybody is
    /// answered and told, in this order: calls, whoever waits for the end, `on_exit`.
    pub(super) fn run_to_the_end(mut self, on_exit: Option<OnExit>) {
        let exit = match catch_unwind(AssertUnwindSafe(|| self.run())) {
            Ok(()) => Exit::ShutDown,
            Err(payload) => Exit::Panicked(panic_message(&*payload)),
        };
        let Self { core, inbox, board, watch, .. } = self;
        // A host whose destructor panics is the last to do so.
        drop(catch_unwind(AssertUnwindSafe(|| drop(core))));
        drop((inbox, watch));
        board.set_exit(exit.clone());
        if let Some(on_exit) = on_exit {
            drop(catch_unwind(AssertUnwindSafe(|| on_exit(&exit))));
        }
    }

    fn run(&mut self) {
        self.core.round(iter::empty());
        while !self.core.machine().is_stopped() {
            let first = match self.wait() {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                // The core itself holds a way in.
                Err(RecvTimeoutError::Disconnected) => return,
            };
            self.core.round(first.into_iter().chain(self.inbox.try_iter()));
            self.hand_reports_out();
            self.stale = true;
            self.take_snapshot();
        }
    }

    fn wait(&mut self) -> Result<Message, RecvTimeoutError> {
        let now = self.core.now().monotonic;
        let next_snapshot = self.taken_at.filter(|_| self.stale).map(|at| at.after(SNAPSHOT_EVERY));
        let deadline = [self.core.next_deadline(), next_snapshot].into_iter().flatten().min();
        match deadline {
            Some(at) => self.inbox.recv_timeout(at.since(now)),
            None => self.inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn hand_reports_out(&mut self) {
        while let Some(report) = self.core.world_mut().next_report() {
            if let Some(watch) = &mut self.watch {
                watch.tell(report);
            }
        }
    }

    fn take_snapshot(&mut self) {
        let now = self.core.now();
        let soon = self.taken_at.is_some_and(|at| now.monotonic.since(at) < SNAPSHOT_EVERY);
        if soon && !self.core.machine().is_stopped() {
            return;
        }
        self.taken_at = Some(now.monotonic);
        self.stale = false;
        self.board.show(Snapshot::of(self.core.machine(), now.wall));
    }
}
