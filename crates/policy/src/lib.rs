//! Who may register a background sync, and why not.
//!
//! Web Background Synchronization lets a page ask for work that runs after the page is gone. The one
//! thing that keeps this from being a tracking tool is the **window rule**: a sync can be registered
//! only while a fully active top-level or auxiliary window of the origin is open. This crate is that
//! rule and the ones around it, as pure functions over plain facts.
//!
//! [`authorize`] judges one request and answers with a [`RegistrationPermit`] or a [`Refusal`]. The
//! permit is a proof: nothing outside this crate can make one, it names the key it is for, it cannot
//! be cloned, and `background-sync-registration` uses it up.
//!
//! ```
//! use background_sync_policy::{
//!     Facts, Incarnation, Limits, Origin, Partition, PartitionId, RegistrationKey, RegistrationRequest,
//!     Refusal, StorageKey, WindowClients, authorize,
//! };
//!
//! let origin = Origin::parse("https://chat.example")?;
//! let key = RegistrationKey::new(
//!     Partition::Profile(PartitionId(0)),
//!     StorageKey::first_party(origin),
//!     "https://chat.example/",
//!     Incarnation(1),
//! )?;
//! let request = RegistrationRequest::new_tag(&key, "outbox".len());
//!
//! let open = Facts::of_an_open_window();
//! assert!(authorize(&request, &open, &Limits::default()).is_ok());
//!
//! let closed = Facts { windows: WindowClients::none(), ..open };
//! let refusal = authorize(&request, &closed, &Limits::default()).unwrap_err();
//! assert_eq!(refusal, Refusal::NoWindow);
//! assert_eq!(refusal.dom_exception().name(), "InvalidAccessError");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The shared vocabulary of the workspace lives here too, because every other crate stands on this
//! one: [`Origin`], [`Partition`], [`StorageKey`], [`Scope`], [`RegistrationKey`],
//! [`SyncKind`].
//!
//! Facts are gathered by trusted code. The process that runs the page is never asked.
#![forbid(unsafe_code)]

mod facts;
mod incarnation;
mod key;
mod kind;
mod limits;
mod origin;
mod partition;
mod per_kind;
mod permit;
mod refusal;
mod scope;

pub use facts::{Facts, PermissionState, SystemRestriction, UserSwitch, WindowClients, WorkerState};
pub use incarnation::Incarnation;
pub use key::{RegistrationKey, StorageKey};
pub use kind::SyncKind;
pub use limits::Limits;
pub use origin::{InvalidOrigin, Origin};
pub use partition::{Partition, PartitionId};
pub use per_kind::PerKind;
pub use permit::{RegistrationCounts, RegistrationPermit, RegistrationRequest, authorize};
pub use refusal::{DomExceptionName, Refusal};
pub use scope::{InvalidScope, Scope};
