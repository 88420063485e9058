//! What the machine promises at its edges, one story a promise: clocks that lie, stores that fail after writing,
//! hosts whose word comes late, windows that close for a moment, neighbours that flood.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../support/mod.rs"]
mod support;

mod acknowledged;
mod ages;
mod background;
mod beliefs;
mod cleared;
mod clocks;
mod devices;
mod durable;
mod failed_commits;
mod kinds;
mod late_words;
mod loading;
mod memory;
mod network;
mod off;
#[cfg(feature = "periodic")]
mod periodic;
mod private;
mod series;
mod shares;
mod standstill;
mod start_up;
mod starts;
mod wake_budgets;
mod wake_ups;
mod younger;
