//! IndexedDB of one origin: shared by its realms, and durable.
//!
//! Each realm runs its own copy of the databases (fake-indexeddb). The copies agree because:
//!
//! - **A lease.** Transactions of all realms of the origin run under one lock; within a realm they may still overlap. A
//!   realm that gets the lock first takes over what others have committed since it last had it.
//! - **Commit before `complete`.** A transaction that changed something hands the changed parts over as text, and they are
//!   stored before the script hears of success. If they cannot be stored, the transaction aborts with
//!   `QuotaExceededError` where there is no room, else with `UnknownError`.
//! - **A lock per database name** around opening, upgrading and deleting, and a count of the connections that each realm
//!   has open, so that `versionchange` and `blocked` work across realms.
//!
//! A part is one database's schema, one object store's next number, or one record: JSON text in the coding of
//! `js/src/codec.js`. A realm that is dropped gives back its locks; what it had not committed never was.

mod file;
mod journal;
mod log;
mod origin;
mod request;

pub use file::{FileStore, IndexedDbStore, MemoryStore};
pub use origin::{IndexedDb, IndexedDbError};

pub(super) use origin::Seat;
