//! Benches of background-sync: what an operation costs with a thousand and with a million registrations.
//!
//! `cargo bench -p background-sync-benches` measures and prints, side by side and from one run, how much
//! more the million costs, and what the same steps cost in a model of the way Chromium does it. Only such
//! ratios mean anything; machines differ.
//!
//! * [`Profile`]: a machine full of registrations and a host that does at once as it is told;
//! * [`Scanning`]: the model;
//! * [`Ledger`]: the table.

mod ledger;
mod profile;
mod scanning;

pub use ledger::{Ledger, Measured, time};
pub use profile::{Others, Profile};
pub use scanning::Scanning;

/// Tags of one service worker registration.
pub const TAGS_PER_WORKER: u64 = 1_000;

/// The sizes that are compared: a thousand registrations and a million, or fewer when a bench is only tried.
#[must_use]
pub fn sizes() -> [u64; 2] {
    let measured = std::env::args().any(|arg| arg == "--bench") && !std::env::args().any(|arg| arg == "--test");
    [1_000, if measured { 1_000_000 } else { 3_000 }]
}
