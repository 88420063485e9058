//! What must hold whoever does the writing, for a store that writes on the thread that calls it.

use crate::RedbStore;

const OPEN: super::Open = RedbStore::open_place_without_thread;

#[path = "../failed_syncs.rs"]
mod failed_syncs;
#[path = "../faults.rs"]
mod faults;
#[path = "../kit.rs"]
mod kit;
