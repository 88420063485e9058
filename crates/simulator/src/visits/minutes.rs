//! Whole minutes: of UTC, counted from 00:00 of the date on which a study begins, and of a day.

/// Minutes of a civil day.
pub(super) const DAY: i64 = 1440;
/// A reader's day begins at 04:00 local, so that who reads around midnight has one day and not two.
const DAY_BREAK: i64 = 240;

/// The reader's day that `at` belongs to, in local time `offset` minutes ahead of UTC.
pub(super) const fn day_of(at: i64, offset: i64) -> i64 {
    (at + offset - DAY_BREAK).div_euclid(DAY)
}

/// Minutes since the reader's day of `at` began.
pub(super) const fn minute_of_day(at: i64, offset: i64) -> i64 {
    (at + offset - DAY_BREAK).rem_euclid(DAY)
}

/// The moment, in UTC, at which a reader's day is `minute` minutes old.
pub(super) const fn at_minute_of(day: i64, minute: i64, offset: i64) -> i64 {
    day * DAY + DAY_BREAK + minute - offset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_reads_at_midnight_reads_on_the_day_before() {
        let (evening, night, morning) = (23 * 60, DAY + 239, DAY + 240);
        assert_eq!([evening, night, morning].map(|at| day_of(at, 0)), [0, 0, 1]);
        assert_eq!([evening, night, morning].map(|at| minute_of_day(at, 0)), [19 * 60, DAY - 1, 0]);
        assert_eq!(day_of(night, 60), 1, "an hour further east it is morning");
    }

    #[test]
    fn a_day_and_its_minute_are_a_moment() {
        for at in [-1, 0, 239, 240, 100_000] {
            for offset in [-720, 0, 330] {
                assert_eq!(at_minute_of(day_of(at, offset), minute_of_day(at, offset), offset), at);
            }
        }
    }
}
