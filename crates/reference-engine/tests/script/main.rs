//! What scripts see and what the engine sees of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod calls;
mod events;
mod runaway;
mod storage;
mod support;
mod surface;
mod time;
