use std::fmt;

use background_sync_registration::WallTime;
use serde::{Deserialize, Serialize};

use super::UtcOffset;
use super::civil::{Day, DayKind, LocalTime, MINUTES_PER_DAY, half_hour_of_clock, minute_of};
use super::stored::StoredAvailability;

/// Half hours of a day.
pub(super) const HALF_HOURS: usize = 48;
const HALF_HOUR: i64 = 30;

/// At what times of day an event could run: whether there was a network and power enough. One table for the whole
/// profile, apart for workdays and weekends.
///
/// It tells when the device is at home, so it is in no `Debug` text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StoredAvailability", into = "StoredAvailability")]
pub struct Availability {
    /// Share of half hours, of 255.
    pub(super) shares: [[u8; HALF_HOURS]; 2],
    /// What is so since when; not stored, because nobody watched while the program did not run.
    stretch: Option<(i64, bool)>,
}

/// Everything is possible until it was not.
const AT_FIRST: u8 = u8::MAX;
/// A half hour that was likely enough: just under a third, so that a time that works every second day stays in use.
const LIKELY: u8 = 80;
/// Each day's word moves a share by one part in so many of what is left.
const MOVES_BY: u8 = 8;
/// Of a longer stretch only the end is learnt: it says nothing more, and the work stays bounded.
const LONGEST_STRETCH: i64 = 2 * MINUTES_PER_DAY;

impl Availability {
    /// Nothing learnt: every time will do.
    #[must_use]
    pub const fn new() -> Self {
        Self { shares: [[AT_FIRST; HALF_HOURS]; 2], stretch: None }
    }

    /// Whether anything was learnt.
    #[must_use]
    pub fn has_learnt(&self) -> bool {
        self.shares != Self::new().shares
    }

    /// From now on an event can run, or cannot. The same may be said again at any time; then a stretch of more than a
    /// day is learnt as far as it has come.
    ///
    /// Costs the half hours of the stretch that ends, at most 97.
    pub fn changed(&mut self, at: WallTime, offset: UtcOffset, available: bool) {
        let now = minute_of(at);
        let Some((since, was)) = self.stretch else {
            self.stretch = Some((now, available));
            return;
        };
        if was == available && (since..since + MINUTES_PER_DAY).contains(&now) {
            return;
        }
        // A clock that was set back ends the stretch without a word.
        if now > since {
            self.learn(since.max(now - LONGEST_STRETCH), now, offset, was);
        }
        self.stretch = Some((now, available));
    }

    /// Half hours count as available when they were so whole, and as not when they were not for a moment.
    fn learn(&mut self, from: i64, to: i64, offset: UtcOffset, available: bool) {
        // Days begin at a whole half hour of the local clock, so these are half hours of the clock too.
        let day = LocalTime::of_minute(from, offset).day;
        let begins = day.begins(offset);
        let (from, to) = (from - begins, to - begins);
        let half_hours = if available {
            (from + HALF_HOUR - 1).div_euclid(HALF_HOUR)..to.div_euclid(HALF_HOUR)
        } else {
            from.div_euclid(HALF_HOUR)..(to + HALF_HOUR - 1).div_euclid(HALF_HOUR)
        };
        for half_hour in half_hours {
            let minutes = half_hour * HALF_HOUR;
            let share = self.share_mut(day.plus((minutes / MINUTES_PER_DAY) as i32), minutes);
            if available {
                *share += (u8::MAX - *share).div_ceil(MOVES_BY);
            } else {
                *share -= share.div_ceil(MOVES_BY);
            }
        }
    }

    fn share_mut(&mut self, day: Day, minutes_into_day: i64) -> &mut u8 {
        &mut self.shares[day.kind().index()][half_hour_of_clock(minutes_into_day)]
    }

    /// Whether an event that is due so many minutes into such a day can be expected to run.
    pub(super) fn is_likely(&self, kind: DayKind, minutes_into_day: i64) -> bool {
        self.shares[kind.index()][half_hour_of_clock(minutes_into_day)] >= LIKELY
    }

    /// What was stored.
    pub(super) const fn from_shares(shares: [[u8; HALF_HOURS]; 2]) -> Self {
        Self { shares, stretch: None }
    }
}

impl Default for Availability {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Availability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Availability").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONDAY: i64 = 4;

    fn at(day: i64, hour: i64, minute: i64) -> WallTime {
        WallTime::from_unix_ms(((MONDAY + day) * MINUTES_PER_DAY + hour * 60 + minute) * 60_000)
    }

    /// A device that is without network from nine to half past twelve on every workday.
    fn at_work(weeks: i64) -> Availability {
        let mut availability = Availability::new();
        for day in (0..weeks * 7).filter(|day| day % 7 < 5) {
            availability.changed(at(day, 9, 10), UtcOffset::UTC, false);
            availability.changed(at(day, 12, 20), UtcOffset::UTC, true);
        }
        availability
    }

    fn likely(availability: &Availability, kind: DayKind, hour: i64, minute: i64) -> bool {
        availability.is_likely(kind, hour * 60 + minute - 240)
    }

    #[test]
    fn half_hours_that_were_not_whole_are_not_available() {
        let availability = at_work(3);
        let workday = |hour, minute| likely(&availability, DayKind::Workday, hour, minute);
        assert_eq!(
            [(8, 59), (9, 0), (11, 0), (12, 29), (12, 30)].map(|(hour, minute)| workday(hour, minute)),
            [true, false, false, false, true]
        );
        assert!(likely(&availability, DayKind::Weekend, 11, 0), "weekends are learnt apart");
    }

    #[test]
    fn it_comes_back_when_the_time_works_again() {
        let mut availability = at_work(3);
        // Said again every three hours, so that no stretch ends.
        for hour in (21 * 24..28 * 24).step_by(3) {
            availability.changed(at(0, hour, 0), UtcOffset::UTC, true);
        }
        assert!(likely(&availability, DayKind::Workday, 11, 0));
    }

    #[test]
    fn it_is_the_clock_on_the_wall_that_counts() {
        let east = UtcOffset::from_minutes(345).unwrap();
        let mut availability = Availability::new();
        for day in 0..14 {
            availability.changed(at(day, 0, 0), east, false);
            availability.changed(at(day, 1, 0), east, true);
        }
        assert!(!likely(&availability, DayKind::Workday, 5, 45) && !likely(&availability, DayKind::Workday, 6, 44));
        assert!(likely(&availability, DayKind::Workday, 7, 0) && likely(&availability, DayKind::Workday, 0, 30));
    }

    #[test]
    fn of_years_only_the_last_two_days_are_learnt() {
        let mut slept = Availability::new();
        slept.changed(WallTime::from_unix_ms(i64::MIN), UtcOffset::MIN, false);
        slept.changed(WallTime::from_unix_ms(i64::MAX), UtcOffset::MAX, true);
        let least = slept.shares.iter().flatten().min().unwrap();
        assert!(*least >= 195, "each half hour was said to be bad twice or less often: {least}");
        let before = slept.clone();
        slept.changed(WallTime::from_unix_ms(0), UtcOffset::UTC, false);
        assert_eq!(slept.shares, before.shares, "a clock that was set back says nothing");
    }
}
