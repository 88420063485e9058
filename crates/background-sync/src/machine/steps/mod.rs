//! What happens, step by step: each file takes an input, or an end of something, through the parts it concerns.

pub(super) mod asks;
mod attempts;
mod changes;
mod commits;
mod conditions;
mod confirmations;
mod dispatch;
mod filing;
mod forgetting;
pub(super) mod holds;
mod lifecycle;
mod load;
mod network;
mod off;
mod outcomes;
#[cfg(feature = "periodic")]
mod periodic;
mod removal;
mod replies;
mod reports;
pub(super) mod requests;
mod store_failures;
mod timers;
mod turns;
mod wake;
mod windows;
