//! A disk that fails below redb.

#[path = "../../tests/common/mod.rs"]
mod common;
mod disk;
mod faults;
mod power_cut;
mod refusals;
