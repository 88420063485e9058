use std::sync::Arc;
use std::time::Duration;

use background_sync_registration::MonotonicTime;
use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::board::{Board, Exit};
use super::{OnExit, Snapshot, Watch};
use crate::driver::{Core, Message, OpenUntilDropped, contained};
use crate::{EngineHost, HostCall, HostPanic, Report};

/// A snapshot is taken at most this often.
const SNAPSHOT_EVERY: Duration = Duration::from_millis(100);

/// The thread's own side.
pub(super) struct Actor<E> {
    open: OpenUntilDropped,
    inbox: Receiver<Message>,
    core: Core<E>,
    board: Arc<Board>,
    watch: Option<Watch>,
    taken_at: Option<MonotonicTime>,
    /// Something happened since.
    stale: bool,
}

impl<E: EngineHost> Actor<E> {
    pub(super) fn new(
        open: OpenUntilDropped,
        inbox: Receiver<Message>,
        core: Core<E>,
        board: Arc<Board>,
        watch: Option<Watch>,
    ) -> Self {
        Self { open, inbox, core, board, watch, taken_at: None, stale: true }
    }

    /// Runs until the shutdown is complete or something of background sync's own panics. In either case everybody is
    /// answered and told, in this order: calls, whoever waits for the end, `on_exit`.
    pub(super) fn run_to_the_end(mut self, on_exit: Option<OnExit>) {
        let exit = match contained(|| self.run()) {
            Ok(()) => Exit::ShutDown,
            Err(message) => Exit::Panicked(message),
        };
        self.hand_reports_out();
        let Self { open, inbox, core, board, watch, .. } = self;
        let mut last = Last(watch);
        // From here on nothing is sent any more; then what waits is answered, in the queue and in the core.
        drop(open);
        last.of_all(HostCall::Destructor, || drop(inbox));
        core.end().into_iter().for_each(|message| last.tell(HostCall::Destructor, message));
        board.set_exit(exit.clone());
        if let Some(on_exit) = on_exit {
            last.of_all(HostCall::OnExit, || on_exit(&exit));
        }
    }

    fn run(&mut self) {
        let mut first = None;
        loop {
            self.core.round(first.into_iter().chain(self.inbox.try_iter()));
            self.hand_reports_out();
            self.stale = true;
            self.take_snapshot();
            if self.core.machine().is_stopped() {
                return;
            }
            first = match self.wait() {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                // The core itself holds a way in.
                Err(RecvTimeoutError::Disconnected) => return,
            };
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

/// What a host's code does last: when it panics, the observer is told.
struct Last(Option<Watch>);

impl Last {
    fn of_all(&mut self, during: HostCall, call: impl FnOnce()) {
        if let Err(message) = contained(call) {
            self.tell(during, message);
        }
    }

    fn tell(&mut self, during: HostCall, message: String) {
        if let Some(watch) = &mut self.0 {
            watch.tell(Report::HostPanicked(HostPanic::new(during, message)));
        }
    }
}
