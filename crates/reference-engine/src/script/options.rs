//! How a realm is made.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use url::Url;

use super::{Caches, Clock, IndexedDb, PermissionState, RegistrationInfo, WorkerInfo};

/// Which global object a realm has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GlobalKind {
    /// A page: `Window`.
    Window(ClientOptions),
    /// A dedicated worker: `DedicatedWorkerGlobalScope`.
    DedicatedWorker {
        /// What it is as a client.
        client: ClientOptions,
        /// What `self.name` says.
        name: String,
        /// Its end of the port to the page that made it.
        port: String,
    },
    /// A shared worker: `SharedWorkerGlobalScope`.
    SharedWorker {
        /// What it is as a client.
        client: ClientOptions,
        /// What `self.name` says.
        name: String,
    },
    /// A service worker: `ServiceWorkerGlobalScope`.
    ServiceWorker {
        /// What `self.registration` shows; [`Realm::registration_changed`](super::Realm::registration_changed) keeps it true.
        registration: RegistrationInfo,
        /// What `self.serviceWorker` shows.
        worker: WorkerInfo,
    },
}

/// What a page or a worker is as a client of service workers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientOptions {
    /// Whether it is no secure context: it has no service workers then.
    pub insecure: bool,
    /// The service worker that controls it from the start.
    pub controller: Option<WorkerInfo>,
}

/// Fetches the text of a script for `importScripts`, at once; the error is text for people.
pub type ScriptLoader = dyn Fn(&Url) -> Result<String, String>;

/// What a script may use up before it is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Heap in bytes, the web platform's own part (about 1.5 MiB) included. Zero is no limit.
    pub memory: usize,
    /// Script stack in bytes; the thread's own stack must be larger. Too deep a recursion is a catchable `InternalError`.
    pub stack: usize,
    /// Processor time of one entry: one script, event, timer or answer with the microtasks that follow. What else the
    /// machine does is not counted. Real time where no processor time of a thread is to be had.
    pub entry_time: Duration,
    /// Microtasks of one entry.
    pub entry_jobs: u32,
}

impl Default for Limits {
    /// 64 MiB of heap, 512 KiB of stack, 5 s and a million microtasks per entry.
    fn default() -> Self {
        Self { memory: 64 << 20, stack: 512 << 10, entry_time: Duration::from_secs(5), entry_jobs: 1_000_000 }
    }
}

/// What a realm is made from.
#[derive(Clone)]
pub struct RealmOptions {
    /// Page or worker.
    pub kind: GlobalKind,
    /// The engine's number for the realm, never used twice in a process; it goes into the names of ports.
    pub id: u64,
    /// The page's or the worker script's address: `location`, and the base of relative URLs.
    pub location: Url,
    /// What `navigator.onLine` says at first.
    pub online: bool,
    /// Whether scripts find background sync at all; an engine without it has no `SyncManager`.
    pub background_sync: bool,
    /// What `Notification.permission` says at first.
    pub notifications: PermissionState,
    /// What a script may use up.
    pub limits: Limits,
    /// `crypto` and `Math.random` draw from this: same seed, same values.
    pub seed: u64,
    /// The time.
    pub clock: Rc<dyn Clock>,
    /// The origin's databases; give every realm of the origin a clone of the same value.
    pub indexed_db: IndexedDb,
    /// The origin's caches; give every realm of the origin a clone of the same value.
    pub caches: Caches,
    /// Where `importScripts` gets its scripts.
    pub loader: Rc<ScriptLoader>,
}

impl fmt::Debug for RealmOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RealmOptions")
            .field("kind", &self.kind)
            .field("location", &self.location.as_str())
            .field("online", &self.online)
            .field("limits", &self.limits)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}
