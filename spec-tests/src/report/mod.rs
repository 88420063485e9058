//! What was played, step by step and subject by subject, in three forms.

mod json;
mod markdown;
mod wpt;

use std::collections::{BTreeMap, BTreeSet};

pub use wpt::{WptReport, WptResult};

use crate::{Catalogue, Citations, ExpectedFailures, Fixture, Played, Subject};

/// Everything that a report tells.
#[derive(Debug)]
pub struct Conformance<'a> {
    catalogue: &'a Catalogue,
    citations: &'a Citations,
    fixtures: &'a [Fixture],
    subjects: Vec<Column>,
    /// Fixtures by what they cover.
    covered: BTreeMap<String, Vec<&'a str>>,
}

/// What a subject made of each fixture that it could play.
#[derive(Debug)]
struct Column {
    name: String,
    played: BTreeMap<String, Played>,
    /// What is not as `expected_failures.toml` says.
    surprises: Vec<String>,
}

/// Steps of one algorithm, or definitions that belong together.
#[derive(Debug, PartialEq, Eq)]
struct Part<'a> {
    name: String,
    steps: Vec<&'a str>,
}

impl<'a> Conformance<'a> {
    /// Plays every fixture on every subject.
    ///
    /// # Errors
    /// When a fixture cannot be read.
    pub fn of(
        (catalogue, citations): (&'a Catalogue, &'a Citations),
        fixtures: &'a [Fixture],
        subjects: &[&dyn Subject],
        expected: &ExpectedFailures,
    ) -> Result<Self, String> {
        let mut covered: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for fixture in fixtures {
            for id in fixture.timeline(catalogue).map_err(|error| error.to_string())?.covers {
                covered.entry(id).or_default().push(&fixture.name);
            }
        }
        let subjects = subjects.iter().map(|subject| Column::of(*subject, fixtures, expected)).collect();
        Ok(Self { catalogue, citations, fixtures, subjects, covered })
    }

    /// What is not as the list of expected failures says, on any subject.
    pub fn surprises(&self) -> impl Iterator<Item = &str> {
        self.subjects.iter().flat_map(|subject| &subject.surprises).map(String::as_str)
    }

    fn fixtures_of(&self, id: &str) -> &[&'a str] {
        self.covered.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The steps, algorithm by algorithm, in the order of the specifications' ids.
    fn parts(&self) -> Vec<Part<'a>> {
        let mut parts: Vec<Part<'a>> = Vec::new();
        for id in self.catalogue.step.keys() {
            let name = algorithm(id);
            match parts.iter_mut().find(|part| part.name == name) {
                Some(part) => part.steps.push(id),
                None => parts.push(Part { name, steps: vec![id] }),
            }
        }
        parts
    }
}

impl Column {
    fn of(subject: &dyn Subject, fixtures: &[Fixture], expected: &ExpectedFailures) -> Self {
        let (mut played, mut surprises) = (BTreeMap::new(), Vec::new());
        for fixture in fixtures {
            let Some(result) = subject.play(fixture) else { continue };
            surprises.extend(expected.judge(subject.name(), &fixture.name, &result.outcome).err());
            played.insert(fixture.name.clone(), result);
        }
        Self { name: subject.name().to_owned(), played, surprises }
    }

    /// Whether a step passes: some of its fixtures were played, and none of those failed. `None` when none was.
    fn passes(&self, fixtures: &[&str]) -> Option<bool> {
        let mut played = fixtures.iter().filter_map(|name| self.played.get(*name)).peekable();
        played.peek()?;
        Some(played.all(|played| played.outcome.is_ok()))
    }

    fn failed(&self) -> BTreeSet<&str> {
        self.played.iter().filter(|(_, played)| played.outcome.is_err()).map(|(name, _)| name.as_str()).collect()
    }
}

/// `sync.register.8.2` is a step of `sync.register`; what has no number is a requirement of its specification.
fn algorithm(id: &str) -> String {
    let mut words = id.split('.');
    let (specification, algorithm) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    match words.next() {
        Some(_) => format!("{specification}.{algorithm}"),
        None => format!("{specification}, single requirements"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_belong_to_their_algorithm() {
        assert_eq!(algorithm("sync.register.8.2"), "sync.register");
        assert_eq!(algorithm("periodic.fire.6.7.4.1"), "periodic.fire");
        assert_eq!(algorithm("sync.def.online"), "sync.def");
        assert_eq!(algorithm("sync.online"), "sync, single requirements");
    }
}
