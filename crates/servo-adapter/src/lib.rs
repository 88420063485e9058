//! Background sync in Servo's own types: origins, registrations, permissions, window clients, messages and a thread.
//!
//! Servo's constellation [`start`]s the thread and tells it what happens ([`BackgroundSyncMsg`]); the thread says what
//! service workers have to do ([`WorkerCommand`]). Replies are Servo's own callbacks, so that all of it works between
//! threads and between processes alike.
//!
//! What has to be wired to what, and what Servo still lacks, is in the `README`.
#![forbid(unsafe_code)]

mod clients;
mod host;
mod inbox;
mod message;
mod once;
mod origin;
mod permission;
mod registration;
mod reply;
mod thread;

pub use clients::{ClientEvent, Clients, NewPipeline, Site};
pub use message::{BackgroundSyncMsg, RegisterCall, RegisterReply, WorkerCommand};
pub use origin::{NoTupleOrigin, TupleOrigin};
pub use permission::{decision_of, feature_of, kind_of, state_of};
pub use registration::{NoRegistration, Registration, partition, worker_state};
pub use thread::{Setup, StartError, start};
