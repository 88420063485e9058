//! Behaviour as data: every normative step, invariant and decision has a timeline that shows it.
//!
//! * `steps.toml` lists what there is to show; [`Catalogue`] reads it.
//! * `fixtures/` holds the timelines; [`Fixture`] finds and runs them.
//! * [`Citations`] finds the steps that the source of the crates cites.
//! * [`report`] puts the three together in one table.
//! * [`chromium`] plays the fixtures in an unmodified browser, as far as a web page can observe them.
//!
//! The format of timelines is described in the simulator crate, how to write and run one in this crate's `README.md`.
#![forbid(unsafe_code)]

mod catalogue;
pub mod chromium;
mod citations;
mod fixture;
mod report;

pub use catalogue::{Catalogue, Edition};
pub use citations::Citations;
pub use fixture::Fixture;
pub use report::report;
