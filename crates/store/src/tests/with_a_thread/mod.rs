//! What must hold whoever does the writing, for a store with a thread of its own.

use crate::RedbStore;

const OPEN: super::Open = RedbStore::open_place;

#[path = "../failed_syncs.rs"]
mod failed_syncs;
#[path = "../faults.rs"]
mod faults;
#[path = "../kit.rs"]
mod kit;
