//! What the product's model is to reach, as data. The bounds belong to the study's people and reporting seeds.

use std::fmt;
use std::ops::RangeInclusive;

use super::people::Kind;
use super::policies::PolicyName;
use super::row::{Averages, Row};
use super::study::{Plan, Spread, Study};
use super::table::ratio;

/// One bound, and what was measured.
#[derive(Clone, Debug)]
pub struct Goal {
    /// What is measured, of whom.
    pub what: String,
    /// None where there was nobody to measure; then the goal is not met.
    pub measured: Option<f64>,
    /// The bound.
    pub bound: Bound,
}

/// Where a figure is to stay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// Not more.
    AtMost(f64),
    /// Not less.
    AtLeast(f64),
}

impl Goal {
    fn at_most(what: impl Into<String>, measured: Option<f64>, most: f64) -> Self {
        Self { what: what.into(), measured, bound: Bound::AtMost(most) }
    }

    /// Whether it is reached.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.measured.is_some_and(|measured| match self.bound {
            Bound::AtMost(most) => measured <= most,
            Bound::AtLeast(least) => measured >= least,
        })
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, bound) = match self.bound {
            Bound::AtMost(bound) => ("<=", bound),
            Bound::AtLeast(bound) => (">=", bound),
        };
        let measured = self.measured.map_or_else(|| "-".to_owned(), |measured| format!("{measured:.2}"));
        let missed = if self.is_met() { "" } else { "  missed" };
        write!(f, "{:<54}{measured:>8} {sign} {bound:>6.2}{missed}", self.what)
    }
}

/// Most that is allowed to a kind of people.
struct Most {
    kind: Kind,
    /// As multiples of the 12 h clock's: events, median age, mean age.
    by_clock: [f64; 3],
    /// In percent.
    late: f64,
    /// The mean age as a multiple of what others have.
    by_last_week: Option<f64>,
    by_insider: Option<f64>,
    /// Minutes between the medians of this policy and of one that knows the future.
    beyond_oracle: Option<f64>,
}

/// Held against the clock only.
const fn alone(kind: Kind, by_clock: [f64; 3], late: f64) -> Most {
    Most { kind, by_clock, late, by_last_week: None, by_insider: None, beyond_oracle: None }
}

/// Held against last week, the insider and the oracle, too.
const fn most(kind: Kind, by_clock: [f64; 3], late: f64, [last_week, insider, oracle]: [f64; 3]) -> Most {
    Most {
        by_last_week: Some(last_week),
        by_insider: Some(insider),
        beyond_oracle: Some(oracle),
        ..alone(kind, by_clock, late)
    }
}

const OF_KINDS: [Most; 12] = [
    most(Kind::Commuter, [0.52, 0.20, 0.40], 5.0, [0.22, 1.3, 65.0]),
    most(Kind::Weekend, [0.27, 0.52, 0.70], 7.0, [0.32, 1.1, 160.0]),
    most(Kind::Shift, [0.53, 0.45, 0.95], 13.0, [0.43, 2.2, 115.0]),
    most(Kind::Lunch, [0.47, 0.42, 0.60], 7.0, [0.25, 1.2, 70.0]),
    most(Kind::Evening, [0.52, 0.45, 0.72], 8.0, [0.28, 1.8, 135.0]),
    most(Kind::NightOwl, [0.75, 0.55, 0.97], 20.0, [0.52, 1.2, 230.0]),
    most(Kind::Traveller, [0.53, 0.35, 0.52], 5.0, [0.22, 1.1, 85.0]),
    most(Kind::ClockChange, [0.53, 0.20, 0.32], 3.0, [0.18, 1.0, 65.0]),
    // The insider knows when a student got up, which is no measure for who does not.
    Most { by_last_week: Some(0.43), beyond_oracle: Some(195.0), ..alone(Kind::Student, [0.58, 0.48, 0.80], 11.0) },
    most(Kind::Newcomer, [0.52, 0.27, 0.68], 11.0, [0.22, 1.9, 75.0]),
    alone(Kind::JobChange, [0.55, 0.25, 0.42], 5.0),
    alone(Kind::Holiday, [0.50, 0.20, 0.38], 5.0),
];

/// Worse than a clock with as many events by so much is worse.
const WORSE: f64 = 1.08;

/// Who can't be foreseen.
const ERRATIC: [Kind; 2] = [Kind::Erratic, Kind::ErraticByDay];

/// The policies that goals need.
const NEEDED: [PolicyName; 6] = [
    PolicyName::Clock12,
    PolicyName::LastWeek,
    PolicyName::Ours,
    PolicyName::OursTwoSlots,
    PolicyName::Insider,
    PolicyName::Oracle1,
];

/// The two studies that goals are held against: the ordinary people, and people of twice the spread.
#[must_use]
pub fn plans(seeds: RangeInclusive<u64>) -> [Plan; 2] {
    let ordinary = Plan::new().with_seeds(seeds).with_policies(&NEEDED);
    let doubled = ordinary.clone().with_policies(&[PolicyName::Ours]).with_spread(Spread::DOUBLED);
    [ordinary, doubled]
}

/// All goals, held against what came out of the [`plans`].
#[must_use]
pub fn goals(ordinary: &Study, doubled: &Study) -> Vec<Goal> {
    let mut goals = of_the_average(ordinary);
    for most in &OF_KINDS {
        goals.extend(of_a_kind(most, ordinary));
    }
    for kind in ERRATIC {
        goals.extend(of_the_erratic(kind, ordinary));
    }
    goals.extend(of_the_commuter(ordinary));
    goals.extend(of_changes(ordinary));
    let equal = |kind: Kind| doubled.row(kind, PolicyName::Ours).and_then(Row::mean_by_budget);
    let named = |kind: Kind| format!("{kind}, spread doubled: mean / clock of equal fires");
    goals.extend(Kind::ALL.map(|kind| Goal::at_most(named(kind), equal(kind), WORSE)));
    goals
}

fn of_the_average(study: &Study) -> Vec<Goal> {
    let of = |policy| study.average(&Kind::REGULAR, policy);
    let (ours, clock) = (of(PolicyName::Ours), of(PolicyName::Clock12));
    let by_clock =
        |figure: fn(&Averages) -> Option<f64>| ratio(ours.as_ref().and_then(figure), clock.as_ref().and_then(figure));
    vec![
        Goal::at_most("average: fires / clock", by_clock(|of| of.fires_per_day), 0.45),
        Goal::at_most("average: median / clock", by_clock(|of| of.median), 0.38),
        Goal::at_most("average: mean / clock", by_clock(|of| of.mean), 0.66),
        Goal::at_most("average: late %", ours.and_then(|of| of.late).map(|late| late * 100.0), 8.0),
    ]
}

fn of_a_kind(most: &Most, study: &Study) -> Vec<Goal> {
    let kind = most.kind;
    let figure = |policy, figure: fn(&Row) -> Option<f64>| study.row(kind, policy).and_then(figure);
    let ours = |of: fn(&Row) -> Option<f64>| figure(PolicyName::Ours, of);
    let by = |policy, of: fn(&Row) -> Option<f64>| ratio(ours(of), figure(policy, of));
    let by_clock = |of: fn(&Row) -> Option<f64>| by(PolicyName::Clock12, of);
    let [fires, median, mean] = most.by_clock;
    let mut goals = vec![
        Goal::at_most(format!("{kind}: fires / clock"), by_clock(|row| row.fires_per_day), fires),
        Goal::at_most(format!("{kind}: median / clock"), by_clock(|row| row.median), median),
        Goal::at_most(format!("{kind}: mean / clock"), by_clock(|row| row.mean), mean),
        Goal::at_most(format!("{kind}: late %"), ours(|row| row.late).map(|late| late * 100.0), most.late),
    ];
    let others = [
        ("mean / same time last week", by(PolicyName::LastWeek, |row| row.mean), most.by_last_week),
        ("mean / insider", by(PolicyName::Insider, |row| row.mean), most.by_insider),
        (
            "median - oracle, min",
            ours(|row| row.median).zip(figure(PolicyName::Oracle1, |row| row.median)).map(|(a, b)| a - b),
            most.beyond_oracle,
        ),
    ];
    let bounded = others.into_iter().filter_map(|(what, measured, most)| Some((what, measured, most?)));
    goals.extend(bounded.map(|(what, measured, most)| Goal::at_most(format!("{kind}: {what}"), measured, most)));
    goals
}

fn of_the_erratic(kind: Kind, study: &Study) -> [Goal; 3] {
    let [ours, clock] = [PolicyName::Ours, PolicyName::Clock12].map(|policy| study.row(kind, policy));
    let fires = ratio(ours.and_then(|row| row.fires_per_day), clock.and_then(|row| row.fires_per_day));
    [
        Goal::at_most(format!("{kind}: fires / clock"), fires, 1.0),
        Goal::at_most(format!("{kind}: median / clock of equal fires"), ours.and_then(Row::median_by_budget), WORSE),
        Goal::at_most(format!("{kind}: mean / clock of equal fires"), ours.and_then(Row::mean_by_budget), WORSE),
    ]
}

fn of_the_commuter(study: &Study) -> [Goal; 3] {
    let of = |policy| study.row(Kind::Commuter, policy);
    let (ours, two) = (of(PolicyName::Ours), of(PolicyName::OursTwoSlots));
    let by_clock =
        |figure: fn(&Row) -> Option<f64>| ratio(two.and_then(figure), of(PolicyName::Clock12).and_then(figure));
    let shortly = ours.and_then(|row| row.shortly_before).map(|share| share * 100.0);
    [
        Goal {
            what: "commuter: event 5-90 min before, % of workdays".to_owned(),
            measured: shortly,
            bound: Bound::AtLeast(90.0),
        },
        Goal::at_most("commuter, two slots: fires / clock", by_clock(|row| row.fires_per_day), 1.0),
        Goal::at_most("commuter, two slots: mean of all uses / clock", by_clock(|row| row.mean_of_all_uses), 0.5),
    ]
}

fn of_changes(study: &Study) -> [Goal; 4] {
    let ours = |kind, figure: fn(&Row) -> Option<f64>| study.row(kind, PolicyName::Ours).and_then(figure);
    [
        Goal::at_most("clock-change: visiting days it lasts", ours(Kind::ClockChange, |row| row.recovery), 1.0),
        Goal::at_most("traveller: visiting days a flight lasts", ours(Kind::Traveller, |row| row.recovery), 2.0),
        Goal::at_most("lapsed: events after the last visit", ours(Kind::Lapsed, |row| row.after_last_visit), 12.0),
        Goal::at_most("holiday: events in a row unread", ours(Kind::Holiday, |row| row.longest_unread), 11.0),
    ]
}
