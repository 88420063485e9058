//! The machine on a thread of its own.

use std::iter;
use std::sync::Arc;
use std::time::Duration;

use background_sync_policy::{RegistrationKey, SyncKind};
use background_sync_registration::{MonotonicTime, Tag, WallTime};
use background_sync_scheduler::{NetworkState, ValidParameters};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use parking_lot::{Mutex, RwLock};

use crate::driver::{Core, Message};
use crate::{Hosts, LogEntry, Machine, Notice, Poster, RegistrationView, Stats, WakeUp, WhyNot};

/// Registrations a [`Snapshot`] shows.
const SNAPSHOT_REGISTRATIONS: usize = 256;
/// Log entries a [`Snapshot`] shows.
const SNAPSHOT_LOG: usize = 256;
/// A snapshot is taken at most this often.
const SNAPSHOT_EVERY: Duration = Duration::from_millis(100);

/// What an inspector sees without stopping the thread.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When it was taken.
    pub at: WallTime,
    /// The oracle's last word.
    pub network: NetworkState,
    /// Counters.
    pub stats: Stats,
    /// How many registrations there are.
    pub registration_count: usize,
    /// The first of them.
    pub registrations: Vec<RegistrationView>,
    /// The newest log entries, oldest first.
    pub log: Vec<LogEntry>,
    /// The wake-up the machine wants.
    pub next_wakeup: Option<WakeUp>,
}

impl Snapshot {
    fn of(machine: &Machine, at: WallTime) -> Self {
        let mut log: Vec<_> = machine.log().rev().take(SNAPSHOT_LOG).cloned().collect();
        log.reverse();
        Self {
            at,
            network: machine.network().clone(),
            stats: machine.stats(),
            registration_count: machine.registration_count(),
            registrations: machine.registrations().take(SNAPSHOT_REGISTRATIONS).collect(),
            log,
            next_wakeup: machine.next_wakeup(),
        }
    }
}

/// Starts the machine on a thread of its own, for an engine that has no loop to spare.
#[derive(Debug)]
pub struct BackgroundSyncThread;

impl BackgroundSyncThread {
    /// Starts it. `hosts` is called on the new thread, so hosts need not be `Send`; it gets the way
    /// back to the thread. `seed` feeds all chance there is.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn spawn(
        params: ValidParameters,
        seed: [u8; 32],
        hosts: impl FnOnce(&Poster) -> Hosts + Send + 'static,
    ) -> std::io::Result<Handle> {
        let (sender, inbox) = unbounded();
        let poster = poster(sender.clone(), params.max_queued_requests);
        let snapshot = Arc::new(RwLock::new(None));
        let (for_thread, shared) = (poster.clone(), Arc::clone(&snapshot));
        let thread = std::thread::Builder::new().name("background-sync".to_owned()).spawn(move || {
            let hosts = hosts(&for_thread);
            let core = Core::new(params, seed, hosts, for_thread);
            Actor { core, inbox, snapshot: shared, taken_at: None, stale: true }.run();
        })?;
        Ok(Handle { poster, snapshot, thread: Arc::new(Mutex::new(Some(thread))) })
    }
}

/// Posts into the thread's channel. The channel is unbounded because completions must always find
/// room; requests are counted and refused.
fn poster(sender: Sender<Message>, max_requests: usize) -> Poster {
    Poster::new(move |message| drop(sender.send(message)), max_requests)
}

/// The thread's own side.
struct Actor {
    core: Core,
    inbox: Receiver<Message>,
    snapshot: Arc<RwLock<Option<Arc<Snapshot>>>>,
    taken_at: Option<MonotonicTime>,
    /// Something happened since.
    stale: bool,
}

impl Actor {
    fn run(mut self) {
        self.core.round(iter::empty());
        while !self.core.machine().is_stopped() {
            let first = match self.wait() {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            self.core.round(first.into_iter().chain(self.inbox.try_iter()));
            self.stale = true;
            self.take_snapshot();
        }
        // What still waits is answered: the machine turns it down.
        while let Ok(message) = self.inbox.try_recv() {
            self.core.round(iter::once(message));
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

    fn take_snapshot(&mut self) {
        let now = self.core.now();
        let soon = self.taken_at.is_some_and(|at| now.monotonic.since(at) < SNAPSHOT_EVERY);
        if soon && !self.core.machine().is_stopped() {
            return;
        }
        self.taken_at = Some(now.monotonic);
        self.stale = false;
        *self.snapshot.write() = Some(Arc::new(Snapshot::of(self.core.machine(), now.wall)));
    }
}

/// The way to a [`BackgroundSyncThread`], from any thread.
#[derive(Clone, Debug)]
pub struct Handle {
    poster: Poster,
    snapshot: Arc<RwLock<Option<Arc<Snapshot>>>>,
    thread: Arc<Mutex<Option<std::thread::JoinHandle<()>>>>,
}

impl Handle {
    /// The way in for requests and notices.
    #[must_use]
    pub fn poster(&self) -> &Poster {
        &self.poster
    }

    /// The latest snapshot. Does not wait for the thread; `None` before the first one.
    #[must_use]
    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.snapshot.read().clone()
    }

    /// Looks at the machine itself, between two inputs. Waits for its turn, so it must not be called from a
    /// host; `None` when the thread has ended.
    pub fn inspect<T: Send + 'static>(&self, look: impl FnOnce(&Machine) -> T + Send + 'static) -> Option<T> {
        let (answer, wait) = bounded(1);
        self.poster.post(Message::Inspect(Box::new(move |machine| drop(answer.send(look(machine))))));
        wait.recv().ok()
    }

    /// Why a tag's event does not start now. Waits for its turn; `None` when the thread has ended.
    #[must_use]
    pub fn why_not(&self, key: &RegistrationKey, kind: SyncKind, tag: &Tag) -> Option<Vec<WhyNot>> {
        let (key, tag) = (key.clone(), tag.clone());
        self.inspect(move |machine| machine.why_not(&key, kind, &tag))
    }

    /// Shuts the machine down and waits until the store has had its last commit. Later calls do nothing.
    ///
    /// Until then the thread runs, with or without handles. A store that never says how a commit ended is
    /// waited for; a host must not call this.
    pub fn shut_down(&self) {
        self.poster.notify(Notice::Shutdown);
        let thread = self.thread.lock().take();
        if let Some(thread) = thread {
            // A panic of a host ends here; the engine goes on without background sync.
            drop(thread.join());
        }
    }
}
