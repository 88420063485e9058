use std::collections::BTreeMap;
use std::time::Duration;

use crate::{Catalogue, Fixture};

/// Who plays fixtures: an engine, or a part of one.
pub trait Subject {
    /// What its column is called.
    fn name(&self) -> &str;

    /// Plays a fixture; `None` when it shows something that this subject does not show to anybody.
    fn play(&self, fixture: &Fixture) -> Option<Played>;
}

/// How a fixture went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// As expected, or what was found instead.
    pub outcome: Result<(), String>,
    /// How long that took.
    pub took: Duration,
}

/// The machine alone, in a simulated world.
#[derive(Clone, Debug)]
pub struct BareMachine<'a> {
    /// What fixtures may say that they cover.
    pub catalogue: &'a Catalogue,
    /// What reads the clock, in milliseconds.
    pub now: fn() -> u64,
}

impl Subject for BareMachine<'_> {
    fn name(&self) -> &'static str {
        "machine"
    }

    fn play(&self, fixture: &Fixture) -> Option<Played> {
        let begun = (self.now)();
        let outcome = fixture.run(self.catalogue);
        Some(Played { outcome, took: Duration::from_millis((self.now)().saturating_sub(begun)) })
    }
}

/// A subject that was played elsewhere: a browser, another engine, another machine. Read from a report in wptreport form.
#[derive(Clone, Debug)]
pub struct PlayedElsewhere {
    name: String,
    results: BTreeMap<String, Played>,
}

impl PlayedElsewhere {
    /// Reads a report.
    ///
    /// # Errors
    /// What about it is not in wptreport form.
    pub fn read(name: &str, text: &str) -> Result<Self, String> {
        let report: crate::report::WptReport = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let results = report.results.into_iter().map(|result| {
            let took = Duration::from_millis(result.duration);
            let outcome = result.outcome();
            (result.test.trim_start_matches('/').to_owned(), Played { outcome, took })
        });
        Ok(Self { name: name.to_owned(), results: results.collect() })
    }

    /// Tests of the report that no fixture is called.
    pub fn strangers<'a>(&'a self, fixtures: &'a [Fixture]) -> impl Iterator<Item = &'a str> {
        let known = |name: &&String| fixtures.iter().any(|fixture| fixture.name == **name);
        self.results.keys().filter(move |name| !known(name)).map(String::as_str)
    }
}

impl Subject for PlayedElsewhere {
    fn name(&self) -> &str {
        &self.name
    }

    fn play(&self, fixture: &Fixture) -> Option<Played> {
        self.results.get(&fixture.name).cloned()
    }
}
