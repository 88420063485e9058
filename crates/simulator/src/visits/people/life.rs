use crate::visits::minutes::DAY;

use super::Kind;
use super::device;
use super::draw::Draw;
use super::offsets::Offsets;
use super::person::{Expected, Person};
use super::reading::{Day, HOLIDAY, NEW_JOB};
use super::traits::Traits;
use super::trips::Trip;

/// What is drawn of a person before the first day.
pub(super) struct Life {
    pub(super) kind: Kind,
    pub(super) traits: Traits,
    trips: Vec<Trip>,
    offsets: Offsets,
    disturbances: Vec<i64>,
    /// Minutes by which a new job moves the mornings; 0 without one.
    pub(super) new_morning: f64,
    /// The first day of a holiday. Only one kind takes it, and all draw it.
    pub(super) holiday: i64,
}

impl Life {
    fn draw(kind: Kind, seed: u64, draw: &mut Draw) -> Self {
        let traits = Traits::draw(draw);
        let home = traits.home;
        let trips: Vec<_> = if kind == Kind::Traveller { Trip::two(draw, home).into() } else { Vec::new() };
        let mut offsets = Offsets::new(home);
        let mut disturbances = Vec::new();
        for (_, landing, offset) in trips.iter().flat_map(Trip::flights) {
            offsets.change(landing, offset);
            disturbances.push(landing);
        }
        if kind == Kind::ClockChange {
            let change = clock_change(traits.first_weekday, home);
            offsets.change(change, home + if seed.is_multiple_of(2) { 60 } else { -60 });
            disturbances.push(change);
        }
        let new_morning = if kind == Kind::JobChange {
            disturbances.push(NEW_JOB * DAY - home);
            draw.between(60.0, 180.0) * if draw.chance(0.5) { 1.0 } else { -0.6 }
        } else {
            0.0
        };
        let holiday = 35 + draw.below(7);
        if kind == Kind::Holiday {
            disturbances.push((holiday + HOLIDAY) * DAY - home);
        }
        Self { kind, traits, trips, offsets, disturbances, new_morning, holiday }
    }

    /// The offset that the morning of a day has.
    fn offset_on(&self, day: i64) -> i64 {
        if self.kind == Kind::ClockChange {
            return self.offsets.at(day * DAY + 300 - self.traits.home);
        }
        self.trips.iter().find_map(|trip| trip.offset_on(day)).unwrap_or(self.traits.home)
    }

    /// How far a traveller is out of step, in minutes.
    fn jet_lag(&self, day: i64, draw: &mut Draw) -> f64 {
        self.trips.iter().find_map(|trip| trip.jet_lag(day, draw)).unwrap_or(0.0)
    }

    fn is_in_the_air(&self, at: i64) -> bool {
        self.trips.iter().any(|trip| trip.is_in_the_air(at))
    }
}

/// The first Sunday in the seventh week or later, at 02:00.
fn clock_change(first_weekday: i64, home: i64) -> i64 {
    let sunday = (42..49).find(|day| (day + first_weekday) % 7 == 6).unwrap_or(42);
    sunday * DAY + 120 - home
}

/// Lives a whole life.
pub(super) fn live(kind: Kind, seed: u64, spread: f64) -> Person {
    let mut draw = Draw::seeded(seed.wrapping_mul(1000).wrapping_add(kind.index()), spread);
    let life = Life::draw(kind, seed, &mut draw);
    let mut visits = Vec::new();
    let mut unreachable: Vec<_> =
        life.trips.iter().flat_map(Trip::flights).map(|(leaves, lands, _)| (leaves, lands)).collect();
    let mut expected = Vec::new();
    let mut waking = 570.0;
    for number in 0..kind.days() {
        let jet_lag = life.jet_lag(number, &mut draw);
        let day = Day::of(&life, number, jet_lag, &mut waking, &mut draw);
        let midnight = number * DAY - life.offset_on(number);
        visits.extend(day.visits.iter().map(|at| midnight + at.round() as i64).filter(|at| !life.is_in_the_air(*at)));
        expected.extend(day.expected.map(|(mean, deviation)| Expected { midnight, mean, deviation }));
        let stretches = device::unreachable(kind, &life.traits, &day, &mut draw);
        unreachable.extend(stretches.iter().map(|(from, until)| (midnight + *from as i64, midnight + *until as i64)));
    }
    visits.sort_unstable();
    visits.dedup();
    Person {
        visits,
        unreachable: device::merged(unreachable),
        end: kind.days() * DAY - life.traits.home,
        first_weekday: life.traits.first_weekday,
        offsets: life.offsets,
        expected,
        disturbances: life.disturbances,
    }
}
