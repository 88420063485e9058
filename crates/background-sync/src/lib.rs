//! Web Background Synchronization for browser engines.
#![forbid(unsafe_code)]

mod driver;
mod error;
mod event;
mod ids;
mod input;
mod machine;
mod memory_store;
mod output;
mod profile;
mod store;
#[cfg(feature = "thread")]
mod thread;

pub use background_sync_policy as policy;
pub use background_sync_registration as registration;
pub use background_sync_scheduler as scheduler;

pub use driver::{
    Caller, Clock, Driver, EventCompletion, Hosts, KeepAlive, NetworkOracle, Notice, Observer, OriginHost, Poster,
    Prompt, Receipt, ServiceWorkerHost, SystemClock, WakeUpHost,
};
pub use error::{CancelError, GetTagsError, RegisterError};
pub use event::{EventName, LogEntry, MetadataName};
pub use ids::{AttemptId, RequestId, TxnId, WakeToken};
pub use input::{AskedBy, ClearedScope, Input, Loaded, NetworkSubject, NotStarted, Outcome, WorkerState};
pub use machine::{Machine, RegistrationView, Stats, WhyNot};
pub use memory_store::MemoryStore;
pub use output::{Output, Reply, StoreOp, SyncEventInit, TerminateReason, WakeUp};
pub use profile::{STORED_PROFILE_VERSION, StoredProfile};
pub use store::{CommitCompletion, LoadCompletion, StoreContents, StoreFailure, SyncStore};
#[cfg(feature = "thread")]
pub use thread::{BackgroundSyncThread, Handle, Snapshot};
