use super::BinWidth;
use super::civil::MINUTES_PER_DAY;
use super::habit::Habit;
use super::histogram::{DAILY, Histogram};

/// From the first slot to the second and on to the next day's, in minutes: what a budget with two tokens allows.
const GAP: i64 = 240;
/// A second event a day is worth it if it makes what is read in a day younger by so much in all, in minutes.
const WORTH: i64 = 120;

/// The second slot of a day, in minutes of it: where it makes later visits youngest.
///
/// It is found for the first slot of workdays and used on all days.
pub(super) fn find(workday: &Habit, later: &Histogram, width: BinWidth) -> Option<u16> {
    let first = i64::from(workday.better().slot).rem_euclid(MINUTES_PER_DAY);
    let step = i64::from(width.minutes());
    let gain = |slot: i64| {
        let middles = (0..).map(|bin| bin * step + step / 2).zip(later.counts(width));
        let after = middles.filter(|(middle, _)| *middle >= slot);
        after.map(|(_, count)| i64::from(*count)).sum::<i64>() * (slot - first) / DAILY
    };
    let mut best = (WORTH - 1, None);
    let mut slot = first + GAP;
    while slot <= (first + MINUTES_PER_DAY - GAP).min(MINUTES_PER_DAY) {
        let gain = gain(slot);
        if gain > best.0 {
            best = (gain, u16::try_from(slot).ok());
        }
        slot += step;
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(bin: usize, days: usize) -> Histogram {
        let mut later = Histogram::EMPTY;
        for _ in 0..days {
            later.fade();
            later.add(bin);
        }
        later
    }

    #[test]
    fn it_lies_just_before_a_daily_later_visit() {
        let workday = Habit::new();
        assert_eq!(find(&workday, &later(56, 60), BinWidth::QuarterHour), Some(56 * 15));
        assert_eq!(find(&workday, &later(28, 60), BinWidth::HalfHour), Some(28 * 30));
    }

    #[test]
    fn a_rare_later_visit_is_not_worth_an_event() {
        assert_eq!(find(&Habit::new(), &later(56, 1), BinWidth::QuarterHour), None);
        assert_eq!(find(&Habit::new(), &later(10, 60), BinWidth::QuarterHour), None, "too near the first slot");
    }
}
