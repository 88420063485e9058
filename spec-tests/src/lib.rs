//! Behaviour as data: every normative step, invariant and decision has a timeline that shows it.
//!
//! * `steps.toml` lists what there is to show; [`Catalogue`] reads it.
//! * `fixtures/` holds the timelines; [`Fixture`] finds and runs them.
//! * [`Citations`] finds the steps that the source of the crates cites.
//! * [`Subject`]s play fixtures; [`ExpectedFailures`] lists what is known to fail, and is checked both ways.
//! * [`CornerCases`] says which fixture shows each corner case that the Web Platform Tests leave open.
//! * [`ChromiumScenarios`] says how the preset `chromium` does what Chromium's own tests check, and where it differs.
//! * [`Conformance`] puts all of it together in one report.
//! * [`own`] plays them on an engine of your own, over lines of JSON or a trait; [`seen`] judges what was seen from outside.
//! * [`chromium`] plays the fixtures in an unmodified browser, as far as a web page can observe them.
//!
//! The format of timelines is described in the simulator crate, how to write and run one in this crate's `README.md`.
#![forbid(unsafe_code)]

mod catalogue;
pub mod chromium;
mod chromium_scenarios;
mod citations;
mod corner_cases;
mod expected;
mod fixture;
pub mod own;
mod report;
pub mod seen;
mod subject;
mod web_file;

pub use catalogue::{Catalogue, Edition};
pub use chromium_scenarios::{ChromiumScenarios, Difference, Scenario};
pub use citations::Citations;
pub use corner_cases::{CornerCase, CornerCases, Shown};
pub use expected::ExpectedFailures;
pub use fixture::Fixture;
pub use report::{Conformance, WptReport, WptResult};
pub use subject::{BareMachine, Played, PlayedElsewhere, Subject};
pub use web_file::WebFile;

impl WebFile {
    /// The folder of this crate's.
    #[must_use]
    pub fn root() -> std::path::PathBuf {
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("web")
    }
}
