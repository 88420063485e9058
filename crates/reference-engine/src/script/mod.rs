//! Running scripts: one [`Realm`] per page and per service worker.
//!
//! A realm is a QuickJS runtime of its own with the web platform of `js/` loaded into it. It never blocks and never
//! acts by itself: what a script wants from the engine comes out as typed [`Call`]s ([`Realm::take_calls`]), answers go
//! in with [`Realm::settle`], and time passes only when the engine runs the next timer ([`Realm::run_timer`]).
//!
//! # What the engine does with a realm
//! 1. [`Realm::new`], then [`Realm::evaluate`] for each script of the page or for the worker's script.
//! 2. Until nothing happens any more: take the calls and settle those it can answer.
//! 3. If [`Realm::next_timer`] is due, set the clock and [`Realm::run_timer`]; the tasks of IndexedDB and of caches are
//!    among the timers. Give realms that are due at the same time their turns by rotation: one that only waits for itself
//!    could go on for ever. One realm's step can make another's task due (a lock passed on), so ask all of them again.
//! 4. [`Realm::dispatch_sync`] and [`Realm::dispatch_lifecycle`] fire events; their end comes as [`Call::EventSettled`].
//! 5. Dropping the realm kills the page or worker. What it had not committed to IndexedDB, or not put into a cache, did
//!    not happen.
//!
//! # When a script runs away
//! Every entry has a budget of wall time, microtasks, memory and stack ([`Limits`]), and an [`InterruptHandle`] works from
//! any thread. A realm that was stopped runs nothing any more ([`Realm::stopped`]); scripts cannot catch it.

mod answer;
mod base64_bytes;
mod bundle_options;
mod caches;
mod call;
mod clock;
mod error;
mod host;
mod indexed_db;
mod info;
mod log;
mod message;
mod natives;
mod news;
mod options;
mod processor_time;
mod realm;
mod sealed;
mod url_native;
mod watch;

pub use answer::{Answer, DomError};
pub use caches::{CacheDamage, Caches};
pub use call::{Call, CallId, EventOutcome, FetchAnswer, FetchRequest, FetchResponse};
pub use clock::{Clock, ManualClock};
pub use error::{ScriptError, Stopped};
pub use indexed_db::{FileStore, IndexedDb, IndexedDbError, IndexedDbStore, MemoryStore};
pub use info::{
    ClientInfo, ClientWorkerKind, NotificationInfo, PermissionName, PermissionState, RegistrationInfo,
    ServiceWorkerState, UpdateViaCache, WorkerInfo,
};
pub use log::{LogEntry, LogLevel};
pub use message::{ContainerMessage, Message, MessageSource, Recipient, WorkerMessage};
pub use news::{Lifecycle, NotificationEvent};
pub use options::{ClientOptions, GlobalKind, Limits, RealmOptions, ScriptLoader};
pub use realm::Realm;
pub use watch::InterruptHandle;
