//! Web Background Synchronization for browser engines: a page says "send this when there is a network",
//! closes, and the promise is kept.
//!
//! The crate is everything an engine adds to its bindings and its service workers: registration, firing,
//! retry, persistence, policy, inspection, for the one-shot `sync` event of the specification
//! (WICG/background-sync at 04f129e, <https://wicg.github.io/background-sync/spec/>).
//!
//! # Three layers
//! * [`Machine`]: all decisions. Plain data in and out, no I/O, no clock, no threads.
//! * [`Driver`]: the machine over an engine's [`Hosts`], on the engine's own loop.
//! * `BackgroundSyncThread`: a driver on a thread of its own, with a handle for everybody else (feature
//!   `thread`, on by default).
//!
//! # Features
//! * `thread` (on by default): the thread above.
//! * `tap` (off): for tests of hosts. `Driver::tap` shows what the machine is told and what it wants, and `HostParts` takes
//!   [`Hosts`] apart. The kit `background-sync-host-tests` uses both.
//! * `tracing` (off): each entry of the log, each failure of the store and each panic of a host is an event of the
//!   `tracing` crate as well, target `background_sync`, with what it says as fields. It is said on the driver's own
//!   thread. Of private partitions nothing is said there, as a subscriber may write files.
//!
//! # Example: the machine alone
//! ```
//! use background_sync::policy::{
//!     Facts, Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey,
//! };
//! use background_sync::registration::{Now, Tag};
//! use background_sync::scheduler::SyncParameters;
//! use background_sync::{AskedBy, Input, Loaded, Machine, Output, RequestId};
//!
//! let origin = Origin::parse("https://chat.example")?;
//! let key = RegistrationKey::new(
//!     Partition::Profile(PartitionId(0)), StorageKey::first_party(origin), "https://chat.example/", Incarnation(1))?;
//!
//! let mut machine = Machine::new(SyncParameters::recommended(), [7; 32]);
//! let now = Now::default();
//! machine.handle(now, Input::Loaded(Loaded::default()));
//! machine.handle(now, Input::Register {
//!     request: RequestId(1),
//!     key,
//!     tag: Tag::from("outbox"),
//!     asked_by: AskedBy::Page,
//!     facts: Facts::of_an_open_window(),
//! });
//! // Commit first; the reply follows when the host says that it is durable.
//! let outputs: Vec<_> = std::iter::from_fn(|| machine.poll_output()).collect();
//! assert!(outputs.iter().any(|output| matches!(output, Output::Commit { .. })));
//! assert!(!outputs.iter().any(|output| matches!(output, Output::Reply { .. })));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A whole toy engine is in `examples/embed.rs`; `cargo run -p background-sync --example embed` runs it.
//! [`hosts`] says what an engine does for it and what it may leave out, [`architecture`] what is where, [`design`] what
//! must hold and why.
#![forbid(unsafe_code)]

mod backlog;
mod detail;
mod driver;
mod error;
mod event;
mod ids;
mod input;
mod load_completion;
mod loaded;
mod machine;
mod memory_store;
mod names;
mod origin_facts;
mod outcome;
mod output;
#[cfg(feature = "periodic")]
mod periodic_input;
pub mod policy;
mod profile;
pub mod registration;
pub mod scheduler;
mod store;
mod taken;
#[cfg(feature = "thread")]
mod thread;
#[cfg(test)]
mod wire;

#[doc = include_str!("../docs/architecture.md")]
pub mod architecture {}
#[doc = include_str!("../docs/design.md")]
pub mod design {}
#[doc = include_str!("../docs/hosts.md")]
pub mod hosts {}
#[doc = include_str!("../docs/visits.md")]
#[doc = ""]
#[doc = include_str!("../docs/visits.svg")]
pub mod visits {}

pub use background_sync_policy::WorkerState;
pub use background_sync_scheduler::AskedBy;
pub use detail::{Detail, FailureReason, Ignored, MetadataName, Obstacle, Reason, RemovalReason, Status};
#[cfg(feature = "tap")]
pub use driver::HostParts;
pub use driver::{
    Call, Clock, Driver, EngineHost, EventCompletion, HostCall, HostPanic, Hosts, KeepAlive, NetworkOracle, Next,
    Notice, OriginHost, Poster, PowerOracle, Prompt, Receipt, Removal, Report, ServiceWorkerHost, StartCompletion,
    SystemClock, Unposted, WakeUpHost,
};
pub use error::{CancelError, GetTagsError, RegisterError, RemovalError, UnregisterError};
pub use event::{EventName, LogEntry};
pub use ids::{AttemptId, RequestId, TxnId, WakeToken};
pub use input::{ClearedScope, Input, NetworkSubject};
pub use load_completion::{LoadCompletion, RowBatch};
pub use loaded::Loaded;
pub use machine::{Machine, RegistrationView, Stats, WhyNot};
pub use memory_store::MemoryStore;
pub use origin_facts::OriginFacts;
pub use outcome::{NotStarted, Outcome};
pub use output::{Output, Reply, StoreOp, SyncEventInit, TerminateReason, WakeUp};
#[cfg(feature = "periodic")]
pub use periodic_input::PeriodicInput;
pub use profile::{NetworkSecret, STORED_PROFILE_VERSION, StoredProfile};
pub use store::{CommitCompletion, StoreContents, StoreFailure, SyncStore};
#[cfg(feature = "thread")]
pub use thread::{BackgroundSyncThread, Exit, Handle, InspectError, IntoHosts, ShutDownError, Snapshot, SpawnError};

/// The README's example is compiled and run like any other.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
