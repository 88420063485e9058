//! The data and the algorithms of Web Background Synchronization, one-shot `sync`, and with the feature `periodic` those
//! of Web Periodic Background Synchronization.
//!
//! A service worker registration owns a list: tags in the order of their first registration, each a
//! [`SyncRegistration`] in one of four [states](RegistrationState). All lists of a profile live in one arena,
//! [`SyncRegistrationLists`]. The algorithms of the specification are methods here and nowhere else:
//!
//! | specification | here |
//! |---|---|
//! | `register(tag)` | [`SyncRegistrationLists::register`] |
//! | `getTags()` | [`SyncRegistrationLists::tags`] |
//! | fire a sync event | [`SyncRegistration::fire`] |
//! | upon fulfilment | [`SyncRegistrationLists::fulfilled`] |
//! | upon rejection or termination | [`SyncRegistrationLists::rejected`] |
//! | periodic `register(tag, options)` | `SyncRegistrationLists::register_periodic` |
//! | periodic `unregister(tag)`, revocation | [`SyncRegistrationLists::remove`] |
//! | fire a periodicsync event | [`SyncRegistration::fire`], `SyncRegistrationLists::periodic_event_ended` |
//!
//! # Conventions for algorithms
//! * Comments cite steps as `sync.register.8.2`: step 8.2 of `register(tag)` in the edition of
//!   2021-11-12 (WICG/background-sync at 04f129e, <https://wicg.github.io/background-sync/spec/>);
//!   those that begin with `periodic` are of the edition of 2021-04-12 (WICG/periodic-background-sync at 6bdc291,
//!   <https://wicg.github.io/periodic-background-sync/>).
//! * Nothing here knows a clock, a network or a host. What the specification leaves to the user agent
//!   (may it fire, will it retry, how long does it wait) arrives as an argument, from
//!   `background-sync-scheduler`.
//! * Where the specification resolves a promise or starts an event, the method returns what has to
//!   happen; the machine in `background-sync` makes it durable first.
//!
//! ```
//! use background_sync_policy::{
//!     Facts, Incarnation, Limits, Origin, Partition, PartitionId, RegistrationKey, RegistrationRequest,
//!     StorageKey, SyncKind, authorize,
//! };
//! use background_sync_registration::{
//!     AfterFulfilment, Asked, Now, Observed, Sequence, SyncRegistrationLists, Tag,
//! };
//!
//! let origin = Origin::parse("https://chat.example")?;
//! let key = RegistrationKey::new(
//!     Partition::Profile(PartitionId(0)), StorageKey::first_party(origin), "https://chat.example/", Incarnation(1))?;
//! let tag = Tag::from("outbox");
//!
//! let request = RegistrationRequest::new_tag(&key, tag.len_utf16());
//! let permit = authorize(&request, &Facts::of_an_open_window(), &Limits::default())?;
//!
//! let mut lists = SyncRegistrationLists::new();
//! let list = lists.add_list(key, SyncKind::OneShot);
//! let outbox = lists.hold(list, tag.clone()).unwrap();
//! let asked = Asked { sequence: Sequence(1), at: Observed::default(), spacing: None, reregistered_in_a_row: 0 };
//! lists.register(outbox, permit, asked);
//! assert_eq!(lists.tags(list), [tag]);
//!
//! lists.get_mut(outbox).unwrap().fire(false)?;
//! assert_eq!(lists.fulfilled(outbox, Now::default()), AfterFulfilment::Removed);
//! assert!(lists.tags(list).is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod fields;
mod fire;
mod get_tags;
mod lists;
pub mod memory;
#[cfg(feature = "periodic")]
mod periodic;
mod register;
mod schedule;
mod sealed;
mod series;
mod state;
mod stored;
mod stored_decoder;
mod stored_versions;
mod sync_registration;
mod tag;
mod time;

pub use fire::{AfterFulfilment, AfterRejection, NotPending};
pub use lists::{ListId, SyncRegistrationLists, TagId};
#[cfg(feature = "periodic")]
pub use periodic::{AfterPeriodicEvent, PeriodicAsked, PeriodicRegistered};
pub use register::{Asked, Registered};
pub use schedule::{MinInterval, Schedule};
pub use sealed::{Damage, open, seal};
pub use series::{Charge, Series};
pub use state::{RegistrationState, StateName};
pub use stored::{STORED_REGISTRATION_VERSION, StoredRegistration, StoredState, StoredWait};
pub use stored_decoder::StoredDecoder;
pub use sync_registration::{NetworkIdentity, Observed, Sequence, SyncRegistration};
pub use tag::Tag;
pub use time::{MonotonicTime, Now, Wait, WallTime};
