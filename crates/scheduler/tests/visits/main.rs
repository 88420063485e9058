//! The visit model, lived with: small people with habits, and everything a clock can do.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod extremes;
mod habits;
mod life;
mod trips;
