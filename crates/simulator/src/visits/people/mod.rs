//! The people of the study: when they read, where they are, and when their devices can be reached.
//!
//! They were fixed together with their [seeds] before anything predicted their visits, and the goals belong to them.

mod device;
mod draw;
mod kind;
mod life;
mod offsets;
mod person;
mod reading;
pub mod seeds;
mod traits;
mod trips;

pub(super) use draw::Draw;
pub use kind::{Kind, UnknownKind};
pub(super) use person::Expected;
pub use person::Person;

#[cfg(test)]
mod tests;
