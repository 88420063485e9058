//! Durable background sync registrations on redb.
//!
//! [`RedbStore`] is a [`SyncStore`](background_sync::SyncStore) in one file: what it said is written
//! survives a crash and a power cut, and what damage it meets costs as little as possible. [`inspect`]
//! looks at such a file and changes nothing.
//!
//! ```
//! use std::sync::mpsc::channel;
//!
//! use background_sync::{
//!     CommitCompletion, LoadCompletion, StoreOp, StoredProfile, SyncStore, registration::Sequence,
//! };
//! use background_sync_store::RedbStore;
//!
//! # let directory = tempfile::tempdir()?;
//! # let profile_directory = directory.path();
//! let path = profile_directory.join("background-sync.redb");
//! let mut store = RedbStore::open(&path, |report| eprintln!("{report}"))?;
//!
//! let profile = StoredProfile::default().with(|it| it.next_sequence = Sequence(7));
//! let (send, answer) = channel();
//! let done = CommitCompletion::new(move |result| drop(send.send(result)));
//! store.commit(vec![StoreOp::PutProfile(profile.clone())], done);
//! answer.recv()??; // from here on it is durable
//!
//! drop(store); // waits for the thread
//! let mut store = RedbStore::open(&path, |report| eprintln!("{report}"))?;
//! let (send, answer) = channel();
//! store.load(LoadCompletion::new(move |result| drop(send.send(result))));
//! let contents = answer.recv()??;
//! assert_eq!(contents.profile, Some(profile));
//! assert_eq!(contents.lost, 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The file
//! A redb database (file format 3) of four tables. Numbers in keys are redb's `u64`; every value is
//! *sealed*: one byte of version, four of CRC-32, then the record in postcard's encoding.
//!
//! | table | key | value |
//! |---|---|---|
//! | `registrations` | sequence number | the registration, which repeats its number |
//! | `budgets` | partition number (8 bytes, big endian) and origin (ASCII) | the budget, which repeats both |
//! | `meta` | `format` | version of this layout, now 3 |
//! | | `counts` | rows of `registrations` and `budgets`, and whether there is a profile record |
//! | | `profile` | the profile's record |
//! | `set_aside` | a number that grows | which record, its bytes, and what is wrong with them |
//!
//! A file of an older layout is read as it is, and becomes one of the present layout in the transaction of the first
//! batch that is written to it. A program that knows only older ones refuses it from then on, whole.
//!
//! Each batch is one transaction with redb's immediate durability: one sync of the file, and its
//! completion is called after it. The counts are part of it, so that a row that goes missing by any
//! other way shows. A commit that failed was written whole or not at all; which of the two is not known
//! until the store is loaded again.
//!
//! # Damage
//! * **A record** that does not fit its checksum, version, form or key is moved to `set_aside`, where the
//!   newest thousand are kept. The rest loads.
//! * **The file**: every page in use is checked against redb's checksums when it is opened. If one does not
//!   fit, or redb gives up or panics over it, the records that are still whole are read from a copy in
//!   memory (up to 256 MiB) and written to a new file, which then takes the name. Of a file whose end or
//!   header is gone that may be nothing, and the new file empty. The damaged file is kept
//!   as `NAME.damaged-1`, `-2` and so on. None is ever overwritten or removed; with a hundred of them
//!   opening fails with [`OpenError::TooManyDamaged`].
//! * **Not damage**: a file in use, of a newer version or another program; a right, directory or room that
//!   is missing; a disk that fails. Such a file is never moved, and [`OpenError`] says what to do.
//!
//! [`StoreContents::lost`](background_sync::StoreContents::lost) counts the rows that are damaged or gone;
//! [`StoreReport`] tells of each event, and [`StoreStats`] counts them.
//!
//! After an I/O error or a panic of redb, which is contained, the database is closed, and opened again for
//! the next job. It has to hold then what was acknowledged. A full disk fails commits until there is room; even
//! removals need some, because pages are written anew before old ones are freed. In a program built with
//! `panic = "abort"` nothing is contained.
//!
//! # A sync that fails
//! A system may count pages as written whose writing failed. It shows them to readers until it needs their
//! memory, nothing writes them again, and the next sync goes well. So after a failed sync, of the file or of its
//! directory and at whatever time, the file is not written to any more, and nothing is acknowledged before
//! all of it is in a new one:
//! * What redb finds in the file is copied, records as they are, to `NAME.anew`, which is synced, takes the
//!   name, and the directory is synced. It is compared with a digest of what was acknowledged, which each commit
//!   keeps up to date; it may have the batch that failed in it as well, which is acknowledged then.
//! * If the new file cannot be written the commit fails, and the next one tries again. What is there can be
//!   loaded meanwhile, and a process that finds a `NAME.anew` does the same before it acknowledges anything.
//! * If the file holds something else or cannot be read, that commit and all after it end with
//!   [`StoreFailure::ContentsLost`](background_sync::StoreFailure::ContentsLost) until
//!   [`rewrite`](background_sync::SyncStore::rewrite) has put everything into a new file. One that cannot be read
//!   is kept as `NAME.damaged-1`, `-2` and so on. The same goes for a file that was closed after any other fault
//!   and holds something else when it is opened again.
//!
//! A write that fails is no such thing: what it did not write is not in the file, and the next sync means what
//! it says.
//!
//! # What is assumed of the disk
//! * A sync (`fdatasync` or what the system has) that *goes well* has put everything that was written since the
//!   last one where a power cut does not reach it. Before that, any part of what was written may have arrived, in
//!   any order, also half a page.
//! * Of a sync that fails nothing is assumed but that what had been synced before is on the disk still, until the
//!   new file is; if even that is not so the digest tells. Directories are synced where the system has a way to.
//! * After a *crash*, a last commit whose bytes went wrong afterwards cannot be told from one that was not
//!   finished, and the commit before is taken. Syncing twice for every commit would tell them apart; a
//!   crash and a wrong byte in the last few pages at once are not worth doubling what every commit costs.
//! * One process at a time has the file open: redb's lock sees to that where the system has locks. Two
//!   that find it damaged in the same instant could get in each other's way.
//! * A process that ends in the instant between a sync that failed and the making of `NAME.anew` leaves nobody a
//!   word of it. After a power cut none is needed.
//!
//! # Why redb
//! It is pure Rust without `links`, so it fits beside an engine's own SQLite; one file; a commit costs
//! one sync; it is tested against crashes and corrupted files, and can verify every page on opening. It has
//! one writer, and so have we. Where it panics over a damaged file, this crate stands in between.
#![forbid(unsafe_code)]

mod anew;
mod commit;
mod contained;
mod desk;
mod digest;
mod error;
mod files;
mod first_look;
mod held_copy;
mod inspect;
mod job;
mod keeper;
mod layer;
mod layout;
mod mend;
mod on_caller;
mod opened;
mod own_thread;
mod place;
mod private_copy;
mod report;
mod rescue;
mod scan;
mod set_aside;
mod stats;
mod store;
mod teller;
mod trouble;
mod unwritten;
mod watched;

#[cfg(test)]
mod tests;

pub use error::OpenError;
pub use inspect::{FoundDamage, Inspection, inspect};
pub use report::StoreReport;
pub use stats::{StatsHandle, StoreStats};
pub use store::RedbStore;
