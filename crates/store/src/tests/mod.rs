//! A disk that fails below redb.

#[path = "../../tests/common/mod.rs"]
mod common;
mod disk;
mod failed_syncs;
mod faults;
mod model;
mod power_cuts;
mod refusals;
mod stand_in;
