//! What scripts see and what the engine sees of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod caches;
mod caches_on_disk;
mod calls;
mod clients;
mod costs;
mod durability;
mod events;
mod origin;
mod runaway;
mod storage;
mod support;
mod surface;
mod time;
