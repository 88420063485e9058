use super::civil::{DayKind, MINUTES_PER_DAY};
use super::histogram::MOST_BINS;
use super::{Availability, BinWidth};

/// Half-width of the smoothing, as 16ths of the mean deviation of visits: about 1.8 standard deviations. Narrower has
/// more days on which the event comes too late, wider makes all content older.
const SMOOTHING_16THS: i64 = 36;
/// Two visits at the same time are no certainty, and what is spread over hours is not made flatter still.
const SMOOTHING_MINUTES: (i64, i64) = (15, 90);

/// How much each bin of a day counts.
pub(super) type Weights = [i64; MOST_BINS];

/// The beginning of the bin in which one event a day makes content youngest when it is read, in minutes of the day that
/// it serves; negative if that is the evening before.
///
/// With one event a day at `f`, who comes at `t` finds content of the age `(t - f) mod 24 h`. Missing the visit by a
/// minute costs a day, so the least expected age lies before nearly all visits, by itself.
pub(super) fn youngest_content(weights: &Weights, width: BinWidth, kind: DayKind, availability: &Availability) -> i16 {
    let smoothed = smoothed(weights, width);
    let bins = width.bins();
    let step = i64::from(width.minutes());
    let total = smoothed[..bins].iter().sum::<i64>().max(1);
    let likely = |bin: usize| availability.is_likely(kind, bin as i64 * step);
    let any_likely = (0..bins).any(likely);

    // Sum of ages for an event when the day begins; each bin later makes all younger by a bin but those it misses.
    let mut age: i64 = (0..).zip(&smoothed[..bins]).map(|(bin, weight)| weight * (bin * step + step / 2)).sum();
    let mut best = (i64::MAX, 0);
    for bin in 0..bins {
        if bin > 0 {
            age += MINUTES_PER_DAY * smoothed[bin - 1] - total * step;
        }
        if (likely(bin) || !any_likely) && age < best.0 {
            best = (age, bin);
        }
    }
    let (age, bin) = best;
    let slot = bin as i64 * step;
    // The visits follow after so long: if that is beyond the day's end, it is the slot of the day that begins then.
    let serves_next_day = slot + age / total >= MINUTES_PER_DAY;
    (if serves_next_day { slot - MINUTES_PER_DAY } else { slot }) as i16
}

/// Each visit spread over its neighbours as a triangle, around the clock.
fn smoothed(weights: &Weights, width: BinWidth) -> Weights {
    let bins = width.bins() as i64;
    let step = i64::from(width.minutes());
    let (least, most) = SMOOTHING_MINUTES;
    let reach = ((deviation(weights, width) * SMOOTHING_16THS / 16).clamp(least, most) + step / 2) / step;
    let mut smoothed = [0; MOST_BINS];
    for (bin, weight) in (0..bins).zip(weights).filter(|(_, weight)| **weight > 0) {
        for off in -reach..=reach {
            smoothed[(bin + off).rem_euclid(bins) as usize] += weight * (reach + 1 - off.abs());
        }
    }
    smoothed
}

/// Mean distance of visits, in minutes around the clock, from the bin for which it is least.
fn deviation(weights: &Weights, width: BinWidth) -> i64 {
    let bins = width.bins() as i64;
    // Each with each is compared, and most bins are empty: those are left out first.
    let mut filled = [(0, 0); MOST_BINS];
    let mut count = 0;
    for (bin, weight) in (0..bins).zip(weights).filter(|(_, weight)| **weight > 0) {
        filled[count] = (bin, *weight);
        count += 1;
    }
    let filled = &filled[..count];
    let from = |centre: i64| filled.iter().map(|(bin, weight)| distance(*bin, centre, bins) * weight).sum::<i64>();
    let least = filled.iter().map(|(centre, _)| from(*centre)).min().unwrap_or(0);
    let total = filled.iter().map(|(_, weight)| weight).sum::<i64>().max(1);
    least * i64::from(width.minutes()) / total
}

/// Bins from one bin of the day to the other, the shorter way round the clock.
pub(super) fn distance(a: i64, b: i64, bins: i64) -> i64 {
    let one_way = (a - b).abs();
    one_way.min(bins - one_way)
}

#[cfg(test)]
mod tests {
    use background_sync_registration::WallTime;

    use super::super::UtcOffset;
    use super::*;

    fn weights(visits: &[(usize, i64)]) -> Weights {
        let mut weights = [0; MOST_BINS];
        visits.iter().for_each(|(bin, weight)| weights[*bin] = *weight);
        weights
    }

    fn slot(visits: &[(usize, i64)]) -> i16 {
        let all = Availability::new();
        youngest_content(&weights(visits), BinWidth::QuarterHour, DayKind::Workday, &all)
    }

    #[test]
    fn the_slot_lies_just_before_nearly_all_visits() {
        assert_eq!(slot(&[(20, 1)]), 19 * 15, "one visit: a quarter of an hour before its bin");
        let one_in_a_hundred = slot(&[(10, 1), (20, 99)]);
        let one_in_six = slot(&[(10, 16), (20, 84)]);
        assert!(one_in_a_hundred > 15 * 15, "{one_in_a_hundred}: a rare early visit is let go");
        assert!(one_in_six < 11 * 15, "{one_in_six}: an early visit in six is not");
    }

    #[test]
    fn a_visit_when_the_day_begins_is_served_by_the_evening_before() {
        assert_eq!(slot(&[(0, 1)]), -15);
        assert_eq!(slot(&[(95, 1)]), 94 * 15);
    }

    #[test]
    fn a_time_without_network_is_passed_over() {
        let offset = UtcOffset::UTC;
        let mut lunch = Availability::new();
        // For two weeks of workdays and weekends, no network from six in the morning to noon.
        for day in 0..14 {
            let at = |hour: i64| WallTime::from_unix_ms((day * 24 + hour) * 3_600_000);
            lunch.changed(at(6), offset, false);
            lunch.changed(at(12), offset, true);
        }
        // Visits at a quarter past eleven, 29 bins after four.
        let slot = youngest_content(&weights(&[(29, 1)]), BinWidth::QuarterHour, DayKind::Workday, &lunch);
        assert_eq!(slot, 7 * 15, "a quarter to six");
    }

    #[test]
    fn without_any_likely_time_all_are_as_good() {
        let never = Availability::from_shares([[0; 48]; 2]);
        assert_eq!(youngest_content(&weights(&[(20, 1)]), BinWidth::QuarterHour, DayKind::Weekend, &never), 19 * 15);
    }

    #[test]
    fn the_shorter_way_round_the_clock() {
        assert_eq!([distance(0, 95, 96), distance(95, 0, 96), distance(10, 50, 96)], [1, 1, 40]);
    }
}
