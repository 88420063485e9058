//! Days and minutes of local civil time. All in whole minutes.

use background_sync_registration::WallTime;

use super::UtcOffset;

pub(super) const MINUTES_PER_HOUR: i64 = 60;
pub(super) const MINUTES_PER_DAY: i64 = 24 * MINUTES_PER_HOUR;
const MS_PER_MINUTE: i64 = 60_000;

/// A day goes from four in the morning to four in the morning, so that who reads around midnight has one day and not two.
const DAY_BEGINS: i64 = 4 * MINUTES_PER_HOUR;

/// Clocks are cut to 2.7 million years either way: no clock that is right shows more, a number of a day then fits into
/// 32 bits, and no sum of minutes overflows.
pub(super) const LAST_MINUTE: i64 = 1_000_000_000 * MINUTES_PER_DAY;

/// The minute that has begun, since the epoch.
pub(super) fn minute_of(at: WallTime) -> i64 {
    at.unix_ms().div_euclid(MS_PER_MINUTE).clamp(-LAST_MINUTE, LAST_MINUTE)
}

/// The first minute that begins no sooner, since the epoch.
pub(super) fn next_minute(at: WallTime) -> i64 {
    minute_of(WallTime::from_unix_ms(at.unix_ms().saturating_add(MS_PER_MINUTE - 1)))
}

/// When a minute begins.
pub(super) fn beginning_of(minute: i64) -> WallTime {
    WallTime::from_unix_ms(minute.saturating_mul(MS_PER_MINUTE))
}

/// A day of local time, counted from the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(pub(super) i32);

impl Day {
    /// So many days later.
    pub(super) const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Days from `earlier` to this one, negative if that is later.
    pub(super) const fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    /// Monday is 0.
    pub(super) const fn weekday(self) -> usize {
        const WEEKDAY_OF_EPOCH: i64 = 3;
        (self.0 as i64 + WEEKDAY_OF_EPOCH).rem_euclid(7) as usize
    }

    pub(super) const fn kind(self) -> DayKind {
        DayKind::of_weekday(self.weekday())
    }

    /// The minute since the epoch with which it begins where civil time is so far ahead.
    pub(super) fn begins(self, offset: UtcOffset) -> i64 {
        i64::from(self.0) * MINUTES_PER_DAY + DAY_BEGINS - i64::from(offset.minutes())
    }
}

/// Habits differ between the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DayKind {
    /// Monday to Friday.
    Workday,
    /// Saturday and Sunday.
    Weekend,
}

impl DayKind {
    pub(super) const ALL: [Self; 2] = [Self::Workday, Self::Weekend];

    pub(super) const fn of_weekday(weekday: usize) -> Self {
        if weekday < 5 { Self::Workday } else { Self::Weekend }
    }

    pub(super) const fn index(self) -> usize {
        match self {
            Self::Workday => 0,
            Self::Weekend => 1,
        }
    }

    pub(super) const fn other(self) -> Self {
        match self {
            Self::Workday => Self::Weekend,
            Self::Weekend => Self::Workday,
        }
    }
}

/// A day and the minutes since it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LocalTime {
    pub(super) day: Day,
    pub(super) minute: u16,
}

impl LocalTime {
    pub(super) fn of(at: WallTime, offset: UtcOffset) -> Self {
        Self::of_minute(minute_of(at), offset)
    }

    /// Of a minute since the epoch.
    pub(super) fn of_minute(minute: i64, offset: UtcOffset) -> Self {
        let minute = minute.clamp(-LAST_MINUTE, LAST_MINUTE) + i64::from(offset.minutes()) - DAY_BEGINS;
        Self { day: Day(minute.div_euclid(MINUTES_PER_DAY) as i32), minute: minute.rem_euclid(MINUTES_PER_DAY) as u16 }
    }
}

/// The half hour of the clock on the wall, from midnight, that is so many minutes after a day began.
pub(super) fn half_hour_of_clock(minutes_into_day: i64) -> usize {
    ((minutes_into_day + DAY_BEGINS).rem_euclid(MINUTES_PER_DAY) / 30) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn a_day_begins_at_four_local_time() {
        let east = UtcOffset::from_minutes(120).unwrap();
        let local = |ms| LocalTime::of(WallTime::from_unix_ms(ms), east);
        assert_eq!(local(2 * HOUR), LocalTime { day: Day(0), minute: 0 }, "two in Greenwich");
        assert_eq!(local(2 * HOUR - 1), LocalTime { day: Day(-1), minute: 1_439 });
        assert_eq!(Day(0).begins(east), 120);
    }

    #[test]
    fn weekdays_are_those_of_the_calendar() {
        assert_eq!(Day(0).weekday(), 3, "the epoch was a Thursday");
        let kinds = [1, 2, 3, 4, -4, -5].map(|day| Day(day).kind());
        use DayKind::{Weekend, Workday};
        assert_eq!(kinds, [Workday, Weekend, Weekend, Workday, Weekend, Weekend]);
    }

    #[test]
    fn both_ends_of_the_clock_are_moments_like_others() {
        for (ms, offset) in [(i64::MIN, UtcOffset::MIN), (i64::MAX, UtcOffset::MAX)] {
            let at = WallTime::from_unix_ms(ms);
            let local = LocalTime::of(at, offset);
            assert!(local.minute < 1_440 && local.day.weekday() < 7);
            assert_eq!(minute_of(beginning_of(minute_of(at))), minute_of(at));
            assert!(next_minute(at) >= minute_of(at));
        }
    }
}
