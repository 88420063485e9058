//! Every rule of this crate once more: stated as simply as can be, recomputed from the whole history, and held
//! against random sequences of what can happen.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod allowance;
mod back_off;
mod budget;
mod charges;
mod connectivity;
mod crowded_budget;
mod due;
mod history;
mod jitter;
mod last_chance;
mod loop_breaker;
mod rotation;
