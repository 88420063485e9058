use serde::Serialize;

use super::figures::PersonFigures;
use super::people::Kind;
use super::policies::PolicyName;
use super::statistics::{mean, median, share};

/// What came out for one kind of people under one policy: means over the people, of those who have such a figure.
///
/// Ages are in minutes, at the first use of a day if not said otherwise; shares go from 0 to 1. Nothing is said where
/// nobody has such a figure.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Row {
    /// The kind of people.
    #[serde(serialize_with = "name_of_kind")]
    pub kind: Kind,
    /// The policy.
    #[serde(serialize_with = "name_of_policy")]
    pub policy: PolicyName,
    /// People with three visits or more.
    pub people: usize,
    /// Events a day, each of which is a wake-up.
    pub fires_per_day: Option<f64>,
    /// Median age over a person's visiting days.
    pub median: Option<f64>,
    /// Mean age likewise; none counts for more than a day.
    pub mean: Option<f64>,
    /// Visiting days without an event in the 12 hours before the first use.
    pub late: Option<f64>,
    /// Events without a use in the 24 hours after.
    pub wasted: Option<f64>,
    /// Mean age over all uses, uncapped.
    pub mean_of_all_uses: Option<f64>,
    /// Workday first uses with an event 5 to 90 minutes before, from the eighth day on.
    pub shortly_before: Option<f64>,
    /// Days from the first visit to the first of five first uses of which four are at most 90 minutes old, that one among
    /// them: the median over those who see that day.
    pub works_after: Option<f64>,
    /// The share that does.
    pub works_for: Option<f64>,
    /// Visiting days from a disturbance to two in a row that are at most 120 minutes old.
    pub recovery: Option<f64>,
    /// The most events that anybody had after the last visit.
    pub after_last_visit: Option<f64>,
    /// The most events in a row that anybody had without a visit.
    pub longest_unread: Option<f64>,
}

impl Row {
    pub(super) fn of(kind: Kind, policy: PolicyName, people: &[PersonFigures]) -> Self {
        let mean_of = |figure: fn(&PersonFigures) -> Option<f64>| mean(people.iter().filter_map(figure));
        let most_of = |figure: fn(&PersonFigures) -> f64| people.iter().map(figure).reduce(f64::max);
        Self {
            kind,
            policy,
            people: people.len(),
            fires_per_day: mean_of(|person| person.fires),
            median: mean_of(|person| person.median),
            mean: mean_of(|person| person.mean),
            late: mean_of(|person| person.late),
            wasted: mean_of(|person| person.wasted),
            mean_of_all_uses: mean_of(|person| person.mean_of_all),
            shortly_before: mean_of(|person| person.shortly_before),
            works_after: median(people.iter().filter_map(|person| person.works_after)),
            works_for: share(people.iter().map(|person| person.works_after.is_some())),
            recovery: mean_of(|person| person.recovery),
            after_last_visit: most_of(|person| person.after_last),
            longest_unread: most_of(|person| person.longest_unread),
        }
    }

    /// The mean age, as a multiple of what a clock of random phase has at the same number of events: half its interval.
    #[must_use]
    pub fn mean_by_budget(&self) -> Option<f64> {
        Some(self.mean? / (720.0 / self.fires_per_day?))
    }

    /// The same of the median.
    pub(super) fn median_by_budget(&self) -> Option<f64> {
        Some(self.median? / (720.0 / self.fires_per_day?))
    }
}

fn name_of_kind<S: serde::Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.name())
}

fn name_of_policy<S: serde::Serializer>(policy: &PolicyName, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(policy.name())
}

/// Averages of rows, each kind counting the same.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Averages {
    /// Events a day.
    pub fires_per_day: Option<f64>,
    /// The median age.
    pub median: Option<f64>,
    /// The mean age.
    pub mean: Option<f64>,
    /// The share of late days.
    pub late: Option<f64>,
}

impl Averages {
    pub(super) fn over(rows: &[&Row]) -> Self {
        let of = |figure: fn(&Row) -> Option<f64>| {
            let figures: Option<Vec<_>> = rows.iter().map(|row| figure(row)).collect();
            mean(figures?)
        };
        Self {
            fires_per_day: of(|row| row.fires_per_day),
            median: of(|row| row.median),
            mean: of(|row| row.mean),
            late: of(|row| row.late),
        }
    }
}
