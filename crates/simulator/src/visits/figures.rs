//! What is measured of one person under one policy.

use super::minutes::DAY;
use super::people::{Kind, Person};
use super::statistics::{mean, median, share};
use super::uses::{self, Use};

/// Content that is older was not refreshed between the last half day and the use.
const LATE: i64 = 720;
/// The bounds of an event "shortly before" a visit, and the day from which they are held against it.
const SHORTLY_BEFORE: std::ops::RangeInclusive<i64> = 5..=90;
const LEARNT_BY: i64 = 8;
/// A first use with content of this age shows that a policy works.
const WORKS: i64 = 90;
/// ... and so many of five do.
const WORKING_OF_FIVE: usize = 4;
/// Two first uses in a row with content of this age show that a disturbance is over.
const RECOVERED: i64 = 120;

/// What is measured of one person. Ages and times in minutes, at the first use of a day if not said otherwise; shares
/// from 0 to 1. What a person has nothing of is none.
#[derive(Clone, Debug)]
pub(super) struct PersonFigures {
    /// Events a day. Each is one wake-up.
    pub(super) fires: Option<f64>,
    pub(super) median: Option<f64>,
    /// No age counts for more than a day: one missed Saturday would outweigh all the rest.
    pub(super) mean: Option<f64>,
    pub(super) late: Option<f64>,
    /// Events without a visit in the day after.
    pub(super) wasted: Option<f64>,
    /// Over all uses, uncapped.
    pub(super) mean_of_all: Option<f64>,
    /// Workday visits with an event 5 to 90 minutes before, from the eighth day on.
    pub(super) shortly_before: Option<f64>,
    /// Days from the registration to the first of five first uses that show that it works.
    pub(super) works_after: Option<f64>,
    /// Visiting days that a disturbance lasts, on average.
    pub(super) recovery: Option<f64>,
    /// Events after the very last visit.
    pub(super) after_last: f64,
    /// The most events in a row without a visit.
    pub(super) longest_unread: f64,
}

/// Days after the registration from which on is measured.
const fn measured_from(kind: Kind) -> i64 {
    match kind {
        Kind::Lapsed => 0,
        Kind::Newcomer => 1,
        Kind::Commuter
        | Kind::CommuterUniform
        | Kind::Weekend
        | Kind::Shift
        | Kind::Lunch
        | Kind::NightOwl
        | Kind::Evening
        | Kind::Traveller
        | Kind::ClockChange
        | Kind::JobChange
        | Kind::Holiday
        | Kind::Student
        | Kind::Erratic
        | Kind::ErraticByDay => 14,
    }
}

impl PersonFigures {
    /// Whether a person visits often enough to be measured.
    pub(super) fn are_there(person: &Person) -> bool {
        person.visits().len() >= 3
    }

    /// None of who visits less than three times: there is nothing to foresee.
    pub(super) fn of(kind: Kind, person: &Person, events: &[i64]) -> Option<Self> {
        Self::measured(person, events, measured_from(kind))
    }

    /// From so many days after the registration on.
    pub(super) fn measured(person: &Person, events: &[i64], from_day: i64) -> Option<Self> {
        let &[registered, _, .., last_visit] = person.visits() else { return None };
        let begins = registered + from_day * DAY;
        let uses = uses::all(person, events);
        let firsts: Vec<_> = uses.iter().copied().filter(|used| used.is_first).collect();
        let ages = || firsts.iter().filter(|used| used.at >= begins).map(|used| used.age as f64);
        let of_all = uses.iter().filter(|used| used.at >= begins).map(|used| used.age as f64);
        let counted = &events[events.partition_point(|event| *event < begins)..];
        let days = (person.end() - begins) as f64 / DAY as f64;
        Some(Self {
            fires: (days > 0.0).then(|| counted.len() as f64 / days),
            median: median(ages()),
            mean: mean(ages().map(|age| age.min(DAY as f64))),
            late: share(ages().map(|age| age > LATE as f64)),
            wasted: share(counted.iter().map(|event| is_wasted(person, *event))),
            mean_of_all: mean(of_all),
            shortly_before: shortly_before(person, &firsts),
            works_after: works_after(&firsts).map(|at| (at - registered) as f64 / DAY as f64),
            recovery: recovery(person, &firsts),
            after_last: events.iter().filter(|event| **event >= last_visit).count() as f64,
            longest_unread: longest_unread(person, events) as f64,
        })
    }
}

fn is_wasted(person: &Person, event: i64) -> bool {
    let visits = person.visits();
    let next = visits.get(visits.partition_point(|visit| *visit <= event));
    next.is_none_or(|visit| visit - event > DAY)
}

fn shortly_before(person: &Person, firsts: &[Use]) -> Option<f64> {
    let learnt = person.visits().first()? + LEARNT_BY * DAY;
    let is_workday = |used: &&Use| (used.day + person.first_weekday()).rem_euclid(7) < 5;
    let on_workdays = firsts.iter().filter(|used| used.at >= learnt).filter(is_workday);
    share(on_workdays.map(|used| SHORTLY_BEFORE.contains(&used.age)))
}

fn works_after(firsts: &[Use]) -> Option<i64> {
    let works = |used: &Use| used.age <= WORKS;
    let five = firsts
        .windows(5)
        .find(|five| works(&five[0]) && five.iter().filter(|used| works(used)).count() >= WORKING_OF_FIVE);
    five.map(|five| five[0].at)
}

fn recovery(person: &Person, firsts: &[Use]) -> Option<f64> {
    let days = |disturbed: &i64| {
        let after = &firsts[firsts.partition_point(|used| used.at < *disturbed)..];
        let over = after.windows(2).position(|two| two.iter().all(|used| used.age <= RECOVERED));
        over.map(|days| days as f64)
    };
    mean(person.disturbances().iter().filter_map(days))
}

fn longest_unread(person: &Person, events: &[i64]) -> usize {
    let visits_before = |event: &i64| person.visits().partition_point(|visit| visit <= event);
    let runs = events.chunk_by(|a, b| visits_before(a) == visits_before(b));
    runs.map(<[_]>::len).max().unwrap_or(0)
}
