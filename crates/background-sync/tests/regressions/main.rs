//! Bugs that were found once, each as the story that showed it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../support/mod.rs"]
mod support;

mod bounds;
mod durability;
mod lifecycle;
mod network;
mod time;
