use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::figures::PersonFigures;
use super::people::{Kind, Person, seeds};
use super::policies::{self, PolicyName};
use super::replay::Surroundings;
use super::row::Row;

/// By how much every spread of the people is multiplied: more than 0, at most 10.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread(f64);

impl Spread {
    /// The study's own.
    pub const ONE: Self = Self(1.0);
    /// What the goals are held against, too.
    pub const DOUBLED: Self = Self(2.0);
}

impl FromStr for Spread {
    type Err = InvalidSpread;

    fn from_str(text: &str) -> Result<Self, InvalidSpread> {
        match text.parse() {
            Ok(factor) if factor > 0.0 && factor <= 10.0 => Ok(Self(factor)),
            Ok(_) | Err(_) => Err(InvalidSpread),
        }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// It is no factor for a spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSpread;

impl fmt::Display for InvalidSpread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of more than 0 and at most 10 is needed")
    }
}

impl std::error::Error for InvalidSpread {}

/// What is simulated. By default everybody of the reporting seeds under every policy.
#[derive(Clone, Debug)]
pub struct Plan {
    /// In the order of tables.
    kinds: Vec<Kind>,
    /// Likewise; the 12 h clock is always among them.
    policies: Vec<PolicyName>,
    seeds: RangeInclusive<u64>,
    spread: Spread,
    surroundings: Surroundings,
}

impl Plan {
    /// Everything.
    #[must_use]
    pub fn new() -> Self {
        Self {
            kinds: Kind::ALL.into(),
            policies: PolicyName::ALL.into(),
            seeds: seeds::REPORTING,
            spread: Spread::ONE,
            surroundings: Surroundings::new(Surroundings::JITTER),
        }
    }

    /// These kinds only.
    #[must_use]
    pub fn with_kinds(mut self, kinds: &[Kind]) -> Self {
        self.kinds.retain(|kind| kinds.contains(kind));
        self
    }

    /// These policies only, and the 12 h clock that they are compared with.
    #[must_use]
    pub fn with_policies(mut self, policies: &[PolicyName]) -> Self {
        self.policies.retain(|policy| *policy == PolicyName::Clock12 || policies.contains(policy));
        self
    }

    /// One person of each kind for each of these seeds.
    #[must_use]
    pub fn with_seeds(mut self, seeds: RangeInclusive<u64>) -> Self {
        self.seeds = seeds;
        self
    }

    /// People whose every spread is multiplied.
    #[must_use]
    pub const fn with_spread(mut self, spread: Spread) -> Self {
        self.spread = spread;
        self
    }

    /// Wake-ups that come late by a uniform draw below so many minutes.
    #[must_use]
    pub const fn with_jitter(mut self, minutes: u32) -> Self {
        self.surroundings = Surroundings::new(minutes);
        self
    }

    /// People to be simulated.
    #[must_use]
    pub fn people(&self) -> u64 {
        let of_each = self.seeds.end().saturating_sub(*self.seeds.start()).saturating_add(1);
        of_each.saturating_mul(self.kinds.len() as u64)
    }

    /// Simulates everybody. `told` hears before each person how many are done.
    ///
    /// The same plan gives the same study.
    pub fn run(&self, mut told: impl FnMut(u64)) -> Study {
        let mut rows = Vec::new();
        let mut done = 0;
        for &kind in &self.kinds {
            let policies = self.policies.iter().copied().filter(|policy| policy.makes_sense_for(kind));
            let mut people: Vec<_> = policies.map(|policy| (policy, Vec::new())).collect();
            for seed in self.seeds.clone() {
                told(done);
                done += 1;
                let person = Person::new(kind, seed, self.spread.0);
                // Who hardly comes has no figures, under no policy.
                if !PersonFigures::are_there(&person) {
                    continue;
                }
                for (policy, people) in &mut people {
                    let events = policies::events(*policy, &person, seed, &self.surroundings);
                    people.extend(PersonFigures::of(kind, &person, &events));
                }
            }
            rows.extend(people.iter().map(|(policy, people)| Row::of(kind, *policy, people)));
        }
        Study { rows }
    }
}

impl Default for Plan {
    fn default() -> Self {
        Self::new()
    }
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Study {
    rows: Vec<Row>,
}

impl Study {
    /// A row for each kind and policy of the plan, in the order of tables, but for an insider of people without habits.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The kinds of the plan, in the order of tables.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        let mut kinds: Vec<_> = self.rows.iter().map(|row| row.kind).collect();
        kinds.dedup();
        kinds
    }

    /// The policies of the plan, in the order of tables.
    pub(super) fn policies(&self) -> Vec<PolicyName> {
        let is_there = |policy: &PolicyName| self.rows.iter().any(|row| row.policy == *policy);
        PolicyName::ALL.into_iter().filter(is_there).collect()
    }

    /// A row, if the plan had it.
    #[must_use]
    pub fn row(&self, kind: Kind, policy: PolicyName) -> Option<&Row> {
        self.rows.iter().find(|row| (row.kind, row.policy) == (kind, policy))
    }

    /// The averages over these kinds; none if the plan did not have them all.
    #[must_use]
    pub fn average(&self, kinds: &[Kind], policy: PolicyName) -> Option<super::Averages> {
        let rows: Option<Vec<_>> = kinds.iter().map(|kind| self.row(*kind, policy)).collect();
        Some(super::Averages::over(&rows?))
    }
}
