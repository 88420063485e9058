use super::civil::Day;

/// Which weekdays have visits, and since when there were none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Presence {
    /// For each weekday, of how many of the last weeks it had a visit, of 255.
    pub(super) shares: [u8; 7],
    /// The last day with a visit.
    pub(super) last: Option<Day>,
}

/// What is to be expected of a day, seen from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outlook {
    pub(super) shares: [u8; 7],
    /// Visits that were expected since the last one and did not come, times 255.
    missed: u16,
}

/// A new reader comes on about five days a week.
const AT_FIRST: u8 = 180;
/// A week's word moves a share by five parts in sixteen.
const MOVES_BY: (u16, u16) = (5, 16);
/// A weekday with visits in less than one week in five has none to be expected.
const EXPECTED: u8 = 51;
/// Visits missed that make an absence of silence; twice as many, and thrice, are a long and a final one.
const ABSENCE: u16 = 4 * 255;
/// Without a visit for so long everything learnt is dropped: a habit would have changed by then, and nobody's profile
/// should lie about for ever. It also bounds every walk over days.
const FORGOTTEN_AFTER_DAYS: i32 = 90;
/// A trip over the date line takes the calendar back by no more than this; what goes further back is a clock that was
/// set.
const LARGEST_STEP_BACK: i32 = 2;

impl Presence {
    pub(super) const fn new() -> Self {
        Self { shares: [AT_FIRST; 7], last: None }
    }

    /// Whether a visit on this day is the first of a day.
    pub(super) fn is_new(&self, day: Day) -> bool {
        self.last.is_none_or(|last| day > last || was_set_back(day, last))
    }

    /// Whether a visit has already closed what this day had to offer, seen from today.
    pub(super) fn is_closed(&self, day: Day, today: Day) -> bool {
        self.last.is_some_and(|last| day <= last && !was_set_back(today, last))
    }

    /// Whether the last visit is so long ago that nothing learnt counts any more.
    pub(super) fn is_forgotten(&self, today: Day) -> bool {
        self.last.is_some_and(|last| today.since(last) >= FORGOTTEN_AFTER_DAYS)
    }

    /// Takes in that this day had a visit.
    pub(super) fn visited(&mut self, day: Day) {
        *self = Self { shares: self.outlook(day).shares, last: Some(day) };
    }

    /// Walks from the last visit up to today, which is not over yet: the days between had none. At most
    /// [`FORGOTTEN_AFTER_DAYS`] steps. Whoever asks more often learns the same.
    pub(super) fn outlook(&self, today: Day) -> Outlook {
        let mut outlook = Outlook { shares: self.shares, missed: 0 };
        let Some(last) = self.last else { return outlook };
        let days = today.since(last).min(FORGOTTEN_AFTER_DAYS);
        for passed in 0..days {
            outlook.day_is_over(last.plus(passed), passed == 0);
        }
        outlook
    }
}

fn was_set_back(day: Day, last: Day) -> bool {
    last.since(day) > LARGEST_STEP_BACK
}

impl Outlook {
    fn day_is_over(&mut self, day: Day, visited: bool) {
        let share = &mut self.shares[day.weekday()];
        if !visited {
            self.missed = self.missed.saturating_add(u16::from(*share));
        }
        // Holidays do not unlearn the week.
        if self.missed < ABSENCE {
            let (part, whole) = MOVES_BY;
            let seen = if visited { u16::from(u8::MAX) } else { 0 };
            *share = ((u16::from(*share) * (whole - part) + seen * part) / whole) as u8;
        }
    }

    /// Whether a visit is to be expected on this weekday.
    pub(super) fn expects(&self, weekday: usize) -> bool {
        self.shares[weekday] >= EXPECTED
    }

    pub(super) const fn absence(&self) -> Absence {
        match self.missed / ABSENCE {
            0 => Absence::None,
            1 => Absence::Short,
            2 => Absence::Long,
            3.. => Absence::Final,
        }
    }
}

/// For how long a reader has stayed away, in visits that were expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absence {
    /// Fewer than 4.
    None,
    /// Fewer than 8.
    Short,
    /// Fewer than 12.
    Long,
    /// More: nothing until the next visit.
    Final,
}

impl Absence {
    /// How many days an event has to keep from the one before; none at all if there are no more events.
    pub(super) const fn days_apart(self) -> Option<i32> {
        match self {
            Self::None => Some(0),
            Self::Short => Some(2),
            Self::Long => Some(3),
            Self::Final => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Monday.
    const MONDAY: Day = Day(4);

    fn after_weeks(weeks: i32, has_visit: impl Fn(usize) -> bool) -> Presence {
        let mut presence = Presence::new();
        let days = (0..weeks * 7).map(|day| MONDAY.plus(day));
        days.filter(|day| has_visit(day.weekday())).for_each(|day| presence.visited(day));
        presence
    }

    #[test]
    fn weekdays_with_visits_are_told_from_those_without() {
        let workdays = after_weeks(5, |weekday| weekday < 5).outlook(MONDAY.plus(35));
        assert_eq!(
            [0, 1, 2, 3, 4, 5, 6].map(|weekday| workdays.expects(weekday)),
            [true, true, true, true, true, false, false]
        );
        assert_eq!(workdays.absence(), Absence::None, "a free weekend is no absence");
    }

    #[test]
    fn expected_visits_that_do_not_come_make_an_absence_and_do_not_unlearn_the_week() {
        let daily = after_weeks(8, |_| true);
        let last = daily.last.unwrap();
        let absence = |days| daily.outlook(last.plus(days)).absence();
        use Absence::{Final, Long, None, Short};
        assert_eq!([1, 4, 6, 10, 15, 90].map(absence), [None, None, Short, Long, Final, Final]);
        let back = daily.outlook(last.plus(80));
        assert!((0..7).all(|weekday| back.expects(weekday)));
    }

    #[test]
    fn who_reads_on_weekends_is_away_only_after_weekends() {
        let weekends = after_weeks(10, |weekday| weekday >= 5);
        let last = weekends.last.unwrap();
        let absence = |days| weekends.outlook(last.plus(days)).absence();
        assert_eq!([6, 30, 60].map(absence), [Absence::None, Absence::Short, Absence::Long]);
    }

    #[test]
    fn a_walk_is_no_longer_than_what_is_remembered() {
        let daily = after_weeks(8, |_| true);
        let last = daily.last.unwrap();
        assert_eq!(daily.outlook(Day(i32::MAX)), daily.outlook(last.plus(90)));
        assert_eq!(daily.outlook(Day(i32::MIN)), daily.outlook(last));
        assert!(!daily.is_forgotten(last.plus(89)) && daily.is_forgotten(last.plus(90)));
    }

    #[test]
    fn only_a_later_day_is_new_unless_the_clock_was_set_back() {
        let presence = after_weeks(1, |_| true);
        let last = presence.last.unwrap();
        assert!(presence.is_new(last.plus(1)) && !presence.is_new(last));
        assert!(!presence.is_new(last.plus(-2)), "over the date line and back");
        assert!(presence.is_new(last.plus(-3)), "set back");
        assert!(presence.is_closed(last, last) && presence.is_closed(last.plus(-1), last));
        assert!(!presence.is_closed(last.plus(1), last));
        assert!(!presence.is_closed(last.plus(-5), last.plus(-5)), "a visit from the future closes nothing");
    }
}
