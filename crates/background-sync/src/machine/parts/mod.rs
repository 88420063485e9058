//! The parts of the machine. Each keeps its fields to itself, is handed what it needs, and knows neither the machine
//! nor what is inside another part.

pub(super) mod attempts;
mod clock;
pub(super) mod intake;
pub(super) mod journal;
mod log;
#[cfg(test)]
mod named;
mod numbers;
pub(super) mod origins;
pub(super) mod outbox;
pub(super) mod phase;
pub(super) mod places;
pub(super) mod registry;
pub(super) mod replies;
pub(super) mod rules;
pub(super) mod session;
mod sites;
pub(super) mod surroundings;
mod table;
pub(super) mod time;
mod waiting;
pub(super) mod wake;

pub(super) use attempts::Attempts;
pub(super) use journal::Journal;
pub(super) use origins::Origins;
pub(super) use outbox::Outbox;
pub(super) use phase::Phase;
pub(super) use places::Places;
pub(super) use registry::Registry;
pub(super) use replies::Replies;
pub(super) use rules::Rules;
pub(super) use surroundings::Surroundings;
pub(super) use time::Time;
pub(super) use wake::Wake;
