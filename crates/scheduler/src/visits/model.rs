use std::fmt;

use background_sync_registration::WallTime;
use serde::{Deserialize, Serialize};

use super::civil::{LocalTime, minute_of};
use super::habit::{Habit, refit};
use super::histogram::Histogram;
use super::presence::Presence;
use super::second_slot;
use super::stored::StoredModel;
use super::{Availability, BinWidth, UtcOffset, VisitParameters};

/// When the user visits one origin.
///
/// Fed with visits that the user made; says where the next periodic sync should lie so that content is fresh when it is
/// read ([`place`](Self::place)). It keeps no date of any visit but the last one's, to a bin: how often visits fell into each
/// quarter of an hour of a day, apart for workdays and weekends, and how many weeks had one on each weekday.
///
/// All times are local civil time with the offset of the moment, so that a trip and the change to summer time count at
/// once. It reads no clock, holds nothing on the heap, and is at most 512 bytes large.
///
/// What it knows is a profile of a person. It is in no `Debug` text; who stores it deletes it with the last
/// registration, with the site's data, and when it [is forgotten](Self::is_forgotten).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StoredModel", into = "StoredModel")]
pub struct VisitModel {
    pub(super) width: BinWidth,
    /// By the kind of day.
    pub(super) habits: [Habit; 2],
    /// Visits after a pause on a day that had one already.
    pub(super) later: Histogram,
    /// In minutes of the day, on days that had their first visit.
    pub(super) second_slot: Option<u16>,
    pub(super) presence: Presence,
    /// When the bin of the last visit began, in minutes since the epoch: no more exact than all else.
    pub(super) last_visit: i64,
}

/// What a visit taught, and so whether it is worth a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learnt {
    /// It was the first of its day, so the slots were found anew.
    FirstOfDay,
    /// It came after a pause of at least 4 hours, which a second slot will take into account.
    Later,
    /// Nothing that changes any slot.
    Nothing,
}

const _: () = assert!(size_of::<VisitModel>() <= 512);

/// Visits with at least this pause, in minutes and from bin to bin, before them are another reading.
const PAUSE: i64 = 240;

impl VisitModel {
    /// Of an origin that was never visited.
    #[must_use]
    pub const fn new(params: &VisitParameters) -> Self {
        Self {
            width: params.bin_width,
            habits: [Habit::new(); 2],
            later: Histogram::EMPTY,
            second_slot: None,
            presence: Presence::new(),
            last_visit: 0,
        }
    }

    /// The user has visited the origin: an activation by the user in a top-level window of it, no frame in another site's.
    ///
    /// A day's first visit finds the slots anew, which is some microseconds; every other one is a few instructions. A
    /// day that is not later than the last one is no new day, unless the clock was set back by more than two days. After
    /// 90 days without a visit, or what a clock makes of it that was set forward, it begins anew. Parameters of another
    /// width than before are taken over.
    pub fn visited(
        &mut self,
        at: WallTime,
        offset: UtcOffset,
        availability: &Availability,
        params: &VisitParameters,
    ) -> Learnt {
        let local = LocalTime::of(at, offset);
        if self.presence.is_forgotten(local.day) {
            *self = Self::new(params);
        }
        self.take_width(params.bin_width);
        let minute = self.beginning_of_bin(at);
        if self.presence.is_new(local.day) {
            self.learn_first_of_day(local);
            self.refit(availability, params);
            self.last_visit = minute;
            return Learnt::FirstOfDay;
        }
        let pause = minute - self.last_visit;
        // Visits that come in the wrong order leave the last one the last.
        self.last_visit = minute.max(self.last_visit);
        if pause < PAUSE {
            return Learnt::Nothing;
        }
        self.later.add(self.width.bin_of(local.minute));
        Learnt::Later
    }

    /// Whether the last visit is 90 days ago or more: nothing that was learnt counts any more, and what is stored should
    /// be deleted.
    #[must_use]
    pub fn is_forgotten(&self, now: WallTime, offset: UtcOffset) -> bool {
        self.presence.is_forgotten(LocalTime::of(now, offset).day)
    }

    fn learn_first_of_day(&mut self, local: LocalTime) {
        let habit = &mut self.habits[local.day.kind().index()];
        // The very first visit has no forecast to judge.
        if self.presence.last.is_some() {
            habit.judge(local.minute);
        }
        habit.learn(self.width.bin_of(local.minute));
        self.later.fade();
        self.presence.visited(local.day);
    }

    fn refit(&mut self, availability: &Availability, params: &VisitParameters) {
        refit(&mut self.habits, self.width, availability);
        self.second_slot =
            if params.second_slot { second_slot::find(&self.habits[0], &self.later, self.width) } else { None };
    }

    fn beginning_of_bin(&self, at: WallTime) -> i64 {
        let minute = minute_of(at);
        minute - minute.rem_euclid(i64::from(self.width.minutes()))
    }

    fn take_width(&mut self, width: BinWidth) {
        if width != self.width {
            self.habits = self.habits.map(|habit| habit.with_width(self.width, width));
            self.later = self.later.with_width(self.width, width);
            self.width = width;
        }
    }
}

impl fmt::Debug for VisitModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VisitModel").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: VisitParameters = VisitParameters::recommended();

    /// So many hours after the beginning of a Monday in Greenwich.
    fn at(hours: i64) -> WallTime {
        WallTime::from_unix_ms((4 * 24 + 4 + hours) * 3_600_000)
    }

    fn visit(model: &mut VisitModel, hours: i64) -> Learnt {
        model.visited(at(hours), UtcOffset::UTC, &Availability::new(), &PARAMS)
    }

    #[test]
    fn a_day_has_one_first_visit_and_readings_after_a_pause() {
        let mut model = VisitModel::new(&PARAMS);
        let learnt = [3, 4, 7, 8, 12, 23, 24, 24].map(|hours| visit(&mut model, hours));
        use Learnt::{FirstOfDay, Later, Nothing};
        assert_eq!(learnt, [FirstOfDay, Nothing, Nothing, Nothing, Later, Later, FirstOfDay, Nothing]);
    }

    #[test]
    fn visits_in_the_wrong_order_are_no_new_days_and_no_new_readings() {
        let mut model = VisitModel::new(&PARAMS);
        visit(&mut model, 30);
        let learnt = [10, 31, 9, 32, 25, 33].map(|hours| visit(&mut model, hours));
        assert_eq!(learnt, [Learnt::Nothing; 6]);
    }

    #[test]
    fn after_three_months_it_begins_anew() {
        let mut model = VisitModel::new(&PARAMS);
        (0..20).for_each(|day| _ = visit(&mut model, day * 24));
        assert!(!model.is_forgotten(at((19 + 89) * 24), UtcOffset::UTC));
        assert!(model.is_forgotten(at((19 + 90) * 24), UtcOffset::UTC));
        visit(&mut model, (19 + 90) * 24);
        let mut anew = VisitModel::new(&PARAMS);
        visit(&mut anew, (19 + 90) * 24);
        assert!(model == anew);
    }

    #[test]
    fn coarser_parameters_make_what_was_learnt_coarser() {
        let mut model = VisitModel::new(&PARAMS);
        visit(&mut model, 3);
        model.visited(at(4), UtcOffset::UTC, &Availability::new(), &VisitParameters::private());
        assert_eq!(model.habits[0].first.counts(BinWidth::HalfHour)[6], 15);
        assert_eq!((model.habits[0].last, model.width), (Some(6), BinWidth::HalfHour));
    }

    #[test]
    fn no_text_tells_what_was_learnt() {
        let mut model = VisitModel::new(&PARAMS);
        visit(&mut model, 3);
        assert_eq!(format!("{model:?} {:?}", Availability::new()), "VisitModel { .. } Availability { .. }");
    }

    #[test]
    fn it_stays_small() {
        assert!(size_of::<VisitModel>() <= 512, "{}", size_of::<VisitModel>());
        assert!(size_of::<Availability>() <= 128, "{}", size_of::<Availability>());
    }
}
