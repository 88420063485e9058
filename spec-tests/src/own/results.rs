use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::Outcome;
use crate::{ExpectedFailures, Fixture, Played, WptReport, WptResult};

/// How every fixture went on an engine.
#[derive(Debug)]
pub struct Results<'a> {
    /// What the engine's column is called.
    name: String,
    all: Vec<(&'a Fixture, Outcome)>,
}

impl<'a> Results<'a> {
    /// Those of an engine.
    #[must_use]
    pub fn new(name: &str, all: Vec<(&'a Fixture, Outcome)>) -> Self {
        Self { name: name.to_owned(), all }
    }

    /// How many passed, failed, and were not run.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        self.all.iter().fold((0, 0, 0), |(passed, failed, not_run), (_, outcome)| match outcome {
            Outcome::Passed => (passed + 1, failed, not_run),
            Outcome::Failed(_) => (passed, failed + 1, not_run),
            Outcome::NotRun(_) => (passed, failed, not_run + 1),
        })
    }

    /// What is not as a list of expected failures says. Of fixtures that were not asked for nothing is said.
    #[must_use]
    pub fn surprises(&self, known: &ExpectedFailures) -> Vec<String> {
        let surprise = |(fixture, outcome): &(&Fixture, Outcome)| {
            let name = &fixture.name;
            match (outcome, known.why(&self.name, name)) {
                (Outcome::NotRun(why), Some(_)) => {
                    Some(format!("{name} is listed as a failure, and was not run ({why}): take it off the list"))
                }
                (Outcome::NotRun(_), None) => None,
                (Outcome::Passed | Outcome::Failed(_), _) => known.judge(&self.name, name, &told(name, outcome)?).err(),
            }
        };
        self.all.iter().filter_map(surprise).collect()
    }

    /// For a person: what failed, why others were not run, and how many passed.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut text = String::new();
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (fixture, outcome) in &self.all {
            match outcome {
                Outcome::Passed => {}
                Outcome::Failed(found) => {
                    let _ = writeln!(text, "{} fails:\n  {}", fixture.name, found.join("\n  "));
                }
                Outcome::NotRun(why) => reasons.entry(why).or_default().push(&fixture.name),
            }
        }
        for (why, fixtures) in reasons {
            let _ = writeln!(text, "not run, {why}: {}", fixtures.join(", "));
        }
        let (passed, failed, not_run) = self.counts();
        let _ = writeln!(text, "{}: {passed} passed, {failed} failed, {not_run} not run", self.name);
        text
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let results = self.all.iter().map(|(fixture, outcome)| match outcome {
            Outcome::Passed => json!({ "fixture": fixture.name, "outcome": "passed" }),
            Outcome::Failed(found) => json!({ "fixture": fixture.name, "outcome": "failed", "found": found }),
            Outcome::NotRun(why) => json!({ "fixture": fixture.name, "outcome": "not_run", "why": why }),
        });
        let (passed, failed, not_run) = self.counts();
        json!({
            "name": self.name,
            "passed": passed,
            "failed": failed,
            "not_run": not_run,
            "results": results.collect::<Vec<_>>(),
        })
    }

    /// In the form of the Web Platform Tests' tools, begun and ended at these milliseconds since 1970: what was run.
    #[must_use]
    pub fn wptreport(&self, times: (u64, u64)) -> WptReport {
        let results = self.all.iter().filter_map(|(fixture, outcome)| {
            let outcome = told(&fixture.name, outcome)?;
            Some(WptResult::of(fixture, &Played { outcome, took: Duration::ZERO }))
        });
        WptReport::of(&self.name, results.collect(), times)
    }
}

/// The outcome of what was run.
fn told(name: &str, outcome: &Outcome) -> Option<Result<(), String>> {
    match outcome {
        Outcome::Passed => Some(Ok(())),
        Outcome::Failed(found) => Some(Err(format!("{name}: {}", found.join("; ")))),
        Outcome::NotRun(_) => None,
    }
}
