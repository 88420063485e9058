use background_sync::registration::WallTime;
use background_sync_scheduler::{
    Availability, Placement, Question as Asked, UtcOffset, VisitModel, VisitParameters, WakeUpLateness,
};

use crate::visits::minutes::DAY;

use super::{Person, Policy, Question};

const MS_PER_MINUTE: i64 = 60_000;
/// Days from 1970 to a Monday.
const A_MONDAY: i64 = 20_458;

/// The visit model of the product, fed as an engine would feed it.
///
/// Weekdays are those of the calendar, so the study has a date here. Time is counted as if people lived in Greenwich:
/// the study's travellers come to places that are more than 18 hours from it, which the model rightly refuses.
pub(super) struct Ours {
    model: VisitModel,
    availability: Availability,
    lateness: WakeUpLateness,
    params: VisitParameters,
    /// Days from 1970 to the first day of the study.
    first_day: i64,
    /// How far home is ahead of UTC.
    home: i64,
    /// When the next wake-up is to come, if it is for a slot.
    asked: Option<i64>,
}

impl Ours {
    pub(super) fn one_slot(person: &Person) -> Self {
        Self::new(person, VisitParameters::recommended())
    }

    pub(super) fn two_slots(person: &Person) -> Self {
        Self::new(person, VisitParameters::recommended().with_second_slot(true))
    }

    fn new(person: &Person, params: VisitParameters) -> Self {
        Self {
            model: VisitModel::new(&params),
            availability: Availability::new(),
            lateness: WakeUpLateness::default(),
            params,
            first_day: A_MONDAY + person.first_weekday(),
            home: person.offset(person.visits()[0]),
            asked: None,
        }
    }

    const fn wall(&self, at: i64) -> WallTime {
        WallTime::from_unix_ms((at + self.home + self.first_day * DAY) * MS_PER_MINUTE)
    }

    const fn minute(&self, at: WallTime) -> i64 {
        at.unix_ms() / MS_PER_MINUTE - self.first_day * DAY - self.home
    }

    fn offset(&self, offset: i64) -> UtcOffset {
        let minutes = i16::try_from(offset - self.home).expect("people stay on earth");
        UtcOffset::from_minutes(minutes).expect("nobody travels further than half the earth")
    }
}

impl Policy for Ours {
    fn visited(&mut self, at: i64, offset: i64) {
        self.model.visited(self.wall(at), self.offset(offset), &self.availability, &self.params);
    }

    fn fired(&mut self, at: i64) {
        if let Some(asked) = self.asked.take() {
            self.lateness.woken(self.wall(asked), self.wall(at));
        }
    }

    fn reachable(&mut self, at: i64, offset: i64, can_run: bool) {
        self.availability.changed(self.wall(at), self.offset(offset), can_run);
    }

    fn next(&mut self, question: &Question) -> Option<i64> {
        let placement = self.model.place(&Asked {
            now: self.wall(question.now),
            earliest: self.wall(question.earliest),
            last_fire: question.last_fire.map(|at| self.wall(at)),
            registered: self.wall(question.registered),
            offset: self.offset(question.offset),
            lateness: self.lateness,
        });
        self.asked = match placement {
            Placement::Slot(at) => Some(self.minute(at)),
            Placement::Clock(_) | Placement::Absent => None,
        };
        placement.at().map(|at| self.minute(at))
    }
}
