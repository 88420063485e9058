//! A person with a device, day after day.

use std::time::Duration;

use background_sync_registration::WallTime;
use background_sync_scheduler::{
    Availability, Learnt, Placement, Question, UtcOffset, VisitModel, VisitParameters, WakeUpLateness,
};

pub(crate) const DAY: i64 = 1_440;
/// What the specification's floor and budget leave: one event in twelve hours.
const FLOOR: Duration = Duration::from_secs(12 * 3_600);
/// A machine asks again every so often, whatever happens.
const ASKED_AGAIN: i64 = 360;

/// A minute since the beginning of a Monday in Greenwich.
pub(crate) fn at(minute: i64) -> WallTime {
    const FIRST_MONDAY: i64 = 20_003;
    WallTime::from_unix_ms((FIRST_MONDAY * DAY + minute) * 60_000)
}

pub(crate) fn minute(at: WallTime) -> i64 {
    at.since(self::at(0)).as_secs() as i64 / 60
}

pub(crate) fn offset(hours: i16) -> UtcOffset {
    UtcOffset::from_minutes(hours * 60).unwrap()
}

/// Chance without a source of it: for each number another one below `below`, scattered.
pub(crate) fn scattered(number: i64, below: i64) -> i64 {
    let mixed = (number as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 33) as i64 % below
}

/// A visit as it was for who made it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// Of the minute of Greenwich.
    pub(crate) minute: i64,
    /// How many minutes old the content of the last event was.
    pub(crate) age: i64,
    pub(crate) learnt: Learnt,
}

pub(crate) struct Life {
    pub(crate) model: VisitModel,
    pub(crate) params: VisitParameters,
    pub(crate) offset: UtcOffset,
    pub(crate) now: i64,
    pub(crate) events: Vec<i64>,
    pub(crate) visits: Vec<Seen>,
}

impl Life {
    pub(crate) fn new(params: VisitParameters) -> Self {
        Self {
            model: VisitModel::new(&params),
            params,
            offset: UtcOffset::UTC,
            now: 0,
            events: Vec::new(),
            visits: Vec::new(),
        }
    }

    /// Where the next event lies, as a machine would ask.
    pub(crate) fn placement(&self) -> Placement {
        let last_fire = self.events.last().map(|event| at(*event));
        let earliest = last_fire.map_or(at(0), |fired| fired.after(FLOOR));
        self.model.place(&Question {
            now: at(self.now),
            earliest,
            last_fire,
            registered: at(0),
            offset: self.offset,
            lateness: WakeUpLateness::default(),
        })
    }

    /// Nothing but events until then.
    pub(crate) fn wait_until(&mut self, until: i64) {
        while self.now < until {
            let again = until.min(self.now + ASKED_AGAIN);
            match self.placement().at().map(minute).filter(|due| *due <= again) {
                Some(due) => {
                    self.now = due;
                    self.events.push(due);
                }
                None => self.now = again,
            }
        }
    }

    pub(crate) fn visit(&mut self, minute: i64) {
        self.wait_until(minute);
        let age = minute - self.events.last().copied().unwrap_or(0);
        let learnt = self.model.visited(at(minute), self.offset, &Availability::new(), &self.params);
        self.visits.push(Seen { minute, age, learnt });
    }

    /// First visits of days, from this day on.
    pub(crate) fn first_visits(&self, from_day: i64) -> Vec<Seen> {
        let first = self.visits.iter().filter(|seen| seen.learnt == Learnt::FirstOfDay);
        first.filter(|seen| seen.minute >= from_day * DAY).copied().collect()
    }
}

/// Reads at about seven before work, at about half past nine on most weekend days, and on many evenings.
pub(crate) fn commute(life: &mut Life, days: std::ops::Range<i64>) {
    for day in days {
        let local = day * DAY - i64::from(life.offset.minutes());
        if day % 7 < 5 {
            life.visit(local + 7 * 60 + scattered(day, 41) - 20);
            if scattered(day, 10) < 6 {
                life.visit(local + 18 * 60 + scattered(day, 81) - 40);
            }
        } else if scattered(day, 10) < 7 {
            life.visit(local + 9 * 60 + 30 + scattered(day, 121) - 60);
        }
    }
}

pub(crate) fn is_workday(seen: &Seen) -> bool {
    seen.minute / DAY % 7 < 5
}
