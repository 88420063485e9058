//! The algorithms of Web Periodic Background Synchronization.
//!
//! A periodic registration is a record in a list like a one-shot one, and uses the same states. What the periodic text
//! calls *firing* lasts from its first event to the end of the last retry: between two of them the record is
//! [waiting](crate::RegistrationState::Waiting). *Suspended*, which the text never enters or leaves, is a matter of its
//! origin: whoever decides when events fire says so.

mod event;
mod register;

pub use event::AfterPeriodicEvent;
pub use register::{PeriodicAsked, PeriodicRegistered};
