//! A disk that fails below redb.

#![allow(clippy::duplicate_mod, reason = "both kinds of store have to pass the same tests")]

#[path = "../../tests/common/mod.rs"]
mod common;
mod disk;
mod model;
mod power_cuts;
mod refusals;
mod stand_in;
mod with_a_thread;
mod without_a_thread;

use crate::{OpenError, RedbStore, place::Place, teller::Sink};

/// One of the two ways to open a store.
type Open = fn(Place, Sink) -> Result<RedbStore, OpenError>;
