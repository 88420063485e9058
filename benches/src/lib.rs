//! Benches of background-sync: what its operations cost, beside something that cannot cost less, in one run.
//!
//! `README.md` has every command, what it prints, and the goals. Only ratios of one run mean anything;
//! machines differ, and so do two runs on one machine.
//!
//! * [`Host`]: a bare machine, and a host that does at once as it is told;
//! * [`Profile`]: a host full of registrations; [`Background`]: one origin that has no window; [`IdleDay`]: a day
//!   without a network;
//! * [`Scanning`]: a model of Chromium's way; [`Known`]: a hash table of the same tags; [`Rows`]: bare redb;
//! * [`Engine`]: the hosts of an engine whose workers fulfil everything;
//! * [`Ledger`], [`Samples`], [`Footprint`], [`LoadAverage`]: what was measured, and when.

mod background;
mod engine;
mod filled;
mod footprint;
mod host;
mod idle_day;
mod known;
mod ledger;
mod load_average;
mod profile;
mod rows;
mod samples;
mod scanning;
mod world;

pub use background::Background;
pub use engine::Engine;
pub use filled::{write_store, write_store_of};
pub use footprint::Footprint;
pub use host::Host;
pub use idle_day::IdleDay;
pub use known::Known;
pub use ledger::{Ledger, Unit};
pub use load_average::LoadAverage;
pub use profile::Profile;
pub use rows::Rows;
pub use samples::{Samples, clock_cost, time};
pub use scanning::Scanning;
pub use world::{Others, TAGS_PER_WORKER, key, parameters, profile_record, registration, tag};

/// Whether this run measures; otherwise it only shows that the bench works.
#[must_use]
pub fn measures() -> bool {
    std::env::args().any(|arg| arg == "--bench") && !std::env::args().any(|arg| arg == "--test")
}

/// The sizes that are compared: a thousand registrations and a million, or fewer when a bench is only tried.
#[must_use]
pub fn sizes() -> [u64; 2] {
    [1_000, if measures() { 1_000_000 } else { 3_000 }]
}
