//! Durable background sync registrations on redb.
#![forbid(unsafe_code)]

mod commit;
mod contained;
mod error;
mod layout;
mod place;
mod private_copy;
mod report;
mod rescue;
mod scan;
mod set_aside;
mod stats;
mod store;
mod worker;

#[cfg(test)]
mod tests;

pub use error::OpenError;
pub use report::StoreReport;
pub use stats::{StatsHandle, StoreStats};
pub use store::RedbStore;
