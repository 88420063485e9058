use background_sync_registration::WallTime;
use serde::{Deserialize, Serialize};

use super::civil::{Day, DayKind, LocalTime, beginning_of, minute_of, next_minute};
use super::habit::expected_age;
use super::presence::Outlook;
use super::{UtcOffset, VisitModel, WakeUpLateness};

/// When the next event of an origin should lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// The present moment.
    pub now: WallTime,
    /// The first moment that interval, floor and budget allow.
    pub earliest: WallTime,
    /// When the origin's last event was dispatched, if there was one.
    pub last_fire: Option<WallTime>,
    /// Since when the origin has periodic registrations.
    pub registered: WallTime,
    /// What civil time is ahead by now.
    pub offset: UtcOffset,
    /// How late the system wakes the browser.
    pub lateness: WakeUpLateness,
}

/// When the next event of an origin should lie, and why. No moment is before the earliest one allowed or before the
/// present.
///
/// A trace may have it: it says when an event is to be, which the site learns anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Placement {
    /// A visit is expected soon after.
    Slot(WallTime),
    /// Visits cannot be foreseen: every 12 hours.
    Clock(WallTime),
    /// No visit is expected any more: nothing before the next one.
    Absent,
}

impl Placement {
    /// A word for traces: `slot`, `clock` or `absent`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slot(_) => "slot",
            Self::Clock(_) => "clock",
            Self::Absent => "absent",
        }
    }

    /// When, if there is to be an event at all.
    #[must_use]
    pub const fn at(self) -> Option<WallTime> {
        match self {
            Self::Slot(at) | Self::Clock(at) => Some(at),
            Self::Absent => None,
        }
    }
}

/// Minutes between events where visits cannot be foreseen; no event by the clock comes so shortly before a slot.
const CLOCK: i64 = 720;
/// Content is so old on average with the clock: a forecaster that does worse is not followed.
const AGE_BY_CLOCK: i64 = CLOCK / 2;
/// Days with visits before which a forecaster's losses say nothing.
const DAYS_BEFORE_DOUBT: u16 = 5;
/// Minutes for which a slot stays open when the event cannot run at once.
const SLOT_OPEN: i64 = 240;
/// The same for a second slot, and how shortly before it an event serves it too.
const SECOND_OPEN: i64 = 90;
const SECOND_SERVED: i64 = 60;
/// A clock's event that so little keeps from 12 hours before the slot is let go.
const CLOCK_TOLERANCE: i64 = 5;
/// Days looked at: one back for a slot still open, and a week with some room for what is every third day.
const DAYS: i32 = 10;

impl VisitModel {
    /// Where the next event lies. Asked anew whenever anything has changed; the same question has the same answer. Looks
    /// at ten days to come and at most 90 past ones.
    #[must_use]
    pub fn place(&self, question: &Question) -> Placement {
        let placement = Placing::new(self, question).map_or(Placement::Absent, |placing| placing.place());
        let floor = question.earliest.max(question.now);
        match placement {
            Placement::Slot(at) => Placement::Slot(at.max(floor)),
            Placement::Clock(at) => Placement::Clock(at.max(floor)),
            Placement::Absent => Placement::Absent,
        }
    }
}

/// One question being answered. Minutes since the epoch throughout.
struct Placing<'a> {
    model: &'a VisitModel,
    offset: UtcOffset,
    today: Day,
    outlook: Outlook,
    earliest: i64,
    last_fire: Option<i64>,
    /// When the clock strikes next.
    clock: i64,
    /// No event before this day, after an absence.
    not_before: Option<Day>,
    lead: i64,
}

/// What one day has to offer.
enum Offer {
    Nothing,
    Slot(i64),
    Clock(i64),
}

impl<'a> Placing<'a> {
    /// `None` if there is to be no event.
    fn new(model: &'a VisitModel, question: &Question) -> Option<Self> {
        let offset = question.offset;
        let today = LocalTime::of(question.now, offset).day;
        if model.presence.is_forgotten(today) {
            return None;
        }
        let outlook = model.presence.outlook(today);
        let days_apart = outlook.absence().days_apart()?;
        // What is from the future (the clock was set back) counts from now, so that it holds nothing back for ever.
        let registered = question.registered.min(question.now);
        // An event before the registration was another registration's.
        let last_fire = question.last_fire.map(|fired| fired.min(question.now)).filter(|fired| *fired >= registered);
        let apart = |fired| LocalTime::of(fired, offset).day.plus(days_apart);
        Some(Self {
            model,
            offset,
            today,
            outlook,
            earliest: next_minute(question.earliest.max(question.now)),
            last_fire: last_fire.map(minute_of),
            clock: minute_of(last_fire.unwrap_or(registered)) + CLOCK,
            not_before: last_fire.map(apart).filter(|_| days_apart > 0),
            lead: question.lateness.lead(),
        })
    }

    fn place(&self) -> Placement {
        if self.model.presence.last.is_none() {
            return Placement::Clock(beginning_of(self.clock));
        }
        let mut clock: Option<i64> = None;
        let first = LocalTime::of_minute(self.earliest, self.offset).day.plus(-1);
        for day in (0..DAYS).map(|days| first.plus(days)) {
            match self.offer(day) {
                Offer::Nothing => {}
                Offer::Clock(at) => clock = Some(clock.map_or(at, |sooner| sooner.min(at))),
                Offer::Slot(slot) => {
                    // The clock may not steal the slot.
                    let sooner = clock.filter(|clock| clock + CLOCK <= slot + CLOCK_TOLERANCE);
                    return sooner.map_or(Placement::Slot(beginning_of(slot)), |at| Placement::Clock(beginning_of(at)));
                }
            }
        }
        clock.map_or(Placement::Absent, |at| Placement::Clock(beginning_of(at)))
    }

    fn offer(&self, day: Day) -> Offer {
        let kind = day.kind();
        let doubtful = self.is_doubtful(kind);
        if !self.is_expected(day, doubtful) || self.not_before.is_some_and(|from| day < from) {
            Offer::Nothing
        } else if doubtful {
            self.by_clock(day)
        } else {
            self.slot(day).or_else(|| self.second_slot(day)).map_or(Offer::Nothing, Offer::Slot)
        }
    }

    /// Whether the forecasts for such days do worse than the clock.
    fn is_doubtful(&self, kind: DayKind) -> bool {
        let days: u16 = self.model.habits.iter().map(|habit| u16::from(habit.days)).sum();
        days >= DAYS_BEFORE_DOUBT && expected_age(&self.model.habits, kind) > AGE_BY_CLOCK
    }

    /// Whether the day may have a visit. Where visits cannot be foreseen, neither can the days that have one.
    fn is_expected(&self, day: Day, doubtful: bool) -> bool {
        if doubtful {
            (0..7).any(|weekday| DayKind::of_weekday(weekday) == day.kind() && self.outlook.expects(weekday))
        } else {
            self.outlook.expects(day.weekday())
        }
    }

    fn by_clock(&self, day: Day) -> Offer {
        let at = self.clock.max(self.earliest).max(day.begins(self.offset));
        if LocalTime::of_minute(at, self.offset).day == day { Offer::Clock(at) } else { Offer::Nothing }
    }

    /// The day's slot, if it is to come or still open.
    fn slot(&self, day: Day) -> Option<i64> {
        if self.model.presence.is_closed(day, self.today) {
            return None;
        }
        let slot = self.model.habits[day.kind().index()].better().slot;
        let begins = day.begins(self.offset) + i64::from(slot) - self.lead;
        let served = self.last_fire.is_some_and(|fired| fired >= begins);
        (!served && begins + SLOT_OPEN >= self.earliest).then(|| begins.max(self.earliest))
    }

    /// The day's second slot, once the first is over.
    fn second_slot(&self, day: Day) -> Option<i64> {
        let begins = day.begins(self.offset) + i64::from(self.model.second_slot?);
        let served = self.last_fire.is_some_and(|fired| fired >= begins - SECOND_SERVED);
        (!served && begins + SECOND_OPEN >= self.earliest).then(|| begins.max(self.earliest))
    }
}

#[cfg(test)]
mod tests {
    use super::super::habit::{Forecast, Habit};
    use super::super::{Availability, VisitParameters};
    use super::*;

    const MINUTE: i64 = 60_000;

    fn at(day: i64, minute: i64) -> WallTime {
        WallTime::from_unix_ms((day * 1_440 + minute) * MINUTE)
    }

    fn question(now: WallTime) -> Question {
        let lateness = WakeUpLateness::default();
        Question { now, earliest: now, last_fire: None, registered: at(0, 0), offset: UtcOffset::UTC, lateness }
    }

    /// Visited every day at seven.
    fn reader(days: i64) -> VisitModel {
        let params = VisitParameters::recommended();
        let mut model = VisitModel::new(&params);
        for day in 0..days {
            model.visited(at(day, 420), UtcOffset::UTC, &Availability::new(), &params);
        }
        model
    }

    #[test]
    fn late_wake_ups_are_asked_for_sooner() {
        let model = reader(10);
        let usual = question(at(9, 1_200));
        let late = Question { lateness: WakeUpLateness::from(40), ..usual };
        let slot = at(10, 405);
        assert_eq!(model.place(&usual), Placement::Slot(slot));
        assert_eq!(model.place(&late), Placement::Slot(WallTime::from_unix_ms(slot.unix_ms() - 35 * MINUTE)));
    }

    #[test]
    fn what_is_from_the_future_holds_nothing_back() {
        let never_visited = VisitModel::new(&VisitParameters::recommended());
        let now = at(9, 600);
        let future = Question { last_fire: Some(at(400, 0)), registered: at(400, 0), ..question(now) };
        assert_eq!(never_visited.place(&future), Placement::Clock(at(9, 600 + 720)));
        assert_eq!(reader(9).place(&future), Placement::Slot(at(10, 405)));
    }

    #[test]
    fn the_clock_goes_on_from_the_last_event_of_these_registrations() {
        let never_visited = VisitModel::new(&VisitParameters::recommended());
        let asked =
            |last_fire| never_visited.place(&Question { last_fire, registered: at(5, 0), ..question(at(5, 10)) });
        assert_eq!(asked(None), Placement::Clock(at(5, 720)));
        assert_eq!(asked(Some(at(5, 7))), Placement::Clock(at(5, 727)));
        assert_eq!(asked(Some(at(4, 7))), Placement::Clock(at(5, 720)), "an event of others, before");
    }

    #[test]
    fn the_answer_is_no_sooner_than_allowed_to_the_millisecond() {
        let earliest = WallTime::from_unix_ms(at(10, 500).unix_ms() + 1);
        let asked = reader(10).place(&Question { earliest, ..question(at(9, 1_200)) });
        assert_eq!(asked, Placement::Slot(at(10, 501)), "the slot is open, in whole minutes");
        let far = WallTime::from_unix_ms(i64::MAX);
        let never_visited = VisitModel::new(&VisitParameters::recommended());
        assert_eq!(never_visited.place(&Question { earliest: far, ..question(at(0, 0)) }), Placement::Clock(far));
    }

    #[test]
    fn a_few_days_are_no_reason_for_doubt() {
        let params = VisitParameters::recommended();
        let mut model = VisitModel::new(&params);
        // Each visit is two hours before the one of the day before: all content is a day old.
        let names = (0..8).map(|day| {
            model.visited(at(4 + day, 1_320 - day * 120), UtcOffset::UTC, &Availability::new(), &params);
            model.place(&question(at(4 + day, 1_439))).name()
        });
        assert_eq!(names.collect::<Vec<_>>(), ["slot", "slot", "slot", "slot", "clock", "clock", "clock", "clock"]);
    }

    #[test]
    fn the_clock_lets_go_an_event_that_would_cost_a_slot() {
        // Workdays are read at a time that is known, weekends at any.
        let mut model = reader(3);
        let [workday, weekend] = &mut model.habits;
        *workday = Habit { days: 40, forecasts: [Forecast { slot: 480, loss: 50 }; 2], ..*workday };
        *weekend = Habit { days: 40, forecasts: [Forecast { slot: 480, loss: 1_000 }; 2], ..*weekend };
        // The third day is a Sunday; the slot of Monday is at noon.
        let asked = |now| model.place(&question(now));
        assert_eq!(asked(at(3, 1_439)), Placement::Clock(at(3, 1_439)));
        assert_eq!(asked(at(4, 5)), Placement::Clock(at(4, 5)), "five minutes do not matter");
        assert_eq!(asked(at(4, 6)), Placement::Slot(at(4, 720)));
    }

    #[test]
    fn an_event_shortly_before_a_second_slot_serves_it() {
        let model = VisitModel { second_slot: Some(900), ..reader(10) };
        // Seven in the evening, on a day that was visited in the morning.
        let second = 900 + 240;
        let asked = |fired| model.place(&Question { last_fire: Some(at(9, fired)), ..question(at(9, second + 90)) });
        assert_eq!(asked(second - 61), Placement::Slot(at(9, second + 90)), "open for an hour and a half");
        assert_eq!(asked(second - 60), Placement::Slot(at(10, 405)));
        let over = Question { last_fire: Some(at(9, 0)), ..question(at(9, second + 91)) };
        assert_eq!(model.place(&over), Placement::Slot(at(10, 405)));
    }

    #[test]
    fn after_three_months_nothing_is_expected_of_anybody() {
        let params = VisitParameters::recommended();
        let mut model = VisitModel::new(&params);
        // Weekends: so few visits are missed in three months that it is no final absence.
        for sunday in (0..10).map(|week| 3 + week * 7) {
            model.visited(at(sunday - 1, 420), UtcOffset::UTC, &Availability::new(), &params);
            model.visited(at(sunday, 420), UtcOffset::UTC, &Availability::new(), &params);
        }
        let asked = |days: i64| model.place(&question(at(66 + days, 300))).name();
        assert_eq!([7, 85, 89, 90, 3_650].map(asked), ["slot", "slot", "slot", "absent", "absent"]);
    }

    #[test]
    fn traces_have_three_words() {
        let at = at(0, 0);
        let names = [Placement::Slot(at), Placement::Clock(at), Placement::Absent].map(Placement::name);
        assert_eq!(names, ["slot", "clock", "absent"]);
    }
}
