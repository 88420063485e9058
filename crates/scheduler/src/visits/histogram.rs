use super::{BinWidth, civil::MINUTES_PER_DAY};

/// Bins of a day at the finest width.
pub(super) const MOST_BINS: usize = 96;

/// What a visit adds to its bin.
const VISIT: u8 = 15;
/// Of every count one part in so many goes with each day of visits, rounded up: a visit that was the only one of its
/// time has gone after 15 such days, and nothing tells how long ago a count was made.
const FADES_BY: u8 = 16;
/// What visits in one bin day after day come to: as much goes as comes.
pub(super) const DAILY: i64 = VISIT as i64 * FADES_BY as i64;

impl BinWidth {
    /// Bins of a day.
    pub(super) const fn bins(self) -> usize {
        (MINUTES_PER_DAY / self.minutes() as i64) as usize
    }

    /// The bin of a minute of the day.
    pub(super) const fn bin_of(self, minute: u16) -> usize {
        ((minute / self.minutes()) as usize) % self.bins()
    }
}

/// How often visits fell into the bins of a day: no dates.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Histogram([u8; MOST_BINS]);

impl Histogram {
    pub(super) const EMPTY: Self = Self([0; MOST_BINS]);

    /// The bins that are used at this width.
    pub(super) fn counts(&self, width: BinWidth) -> &[u8] {
        &self.0[..width.bins()]
    }

    /// What was stored, if it has as many bins as this width asks for.
    pub(super) fn from_counts(counts: &[u8], width: BinWidth) -> Option<Self> {
        let mut bins = [0; MOST_BINS];
        let used = &mut bins[..width.bins()];
        (used.len() == counts.len()).then(|| used.copy_from_slice(counts))?;
        Some(Self(bins))
    }

    pub(super) fn fade(&mut self) {
        for count in &mut self.0 {
            *count -= count.div_ceil(FADES_BY);
        }
    }

    pub(super) fn add(&mut self, bin: usize) {
        self.0[bin] = self.0[bin].saturating_add(VISIT);
    }

    /// The same counts in bins of another width. What is made finer is divided evenly.
    pub(super) fn with_width(&self, from: BinWidth, to: BinWidth) -> Self {
        match (from, to) {
            (BinWidth::QuarterHour, BinWidth::QuarterHour) | (BinWidth::HalfHour, BinWidth::HalfHour) => *self,
            (BinWidth::QuarterHour, BinWidth::HalfHour) => {
                let mut coarse = Self::EMPTY;
                for (bin, count) in self.0.iter().enumerate() {
                    coarse.0[bin / 2] = coarse.0[bin / 2].saturating_add(*count);
                }
                coarse
            }
            (BinWidth::HalfHour, BinWidth::QuarterHour) => {
                let mut fine = Self::EMPTY;
                for (bin, count) in fine.0.iter_mut().enumerate() {
                    *count = self.0[bin / 2] / 2;
                }
                fine
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_visit_is_forgotten_after_fifteen_days_of_visits() {
        let mut histogram = Histogram::EMPTY;
        histogram.add(3);
        let mut days = 0;
        while histogram != Histogram::EMPTY {
            histogram.fade();
            days += 1;
        }
        assert_eq!(days, 15);
    }

    #[test]
    fn a_daily_visit_comes_to_a_count_that_fits() {
        let mut histogram = Histogram::EMPTY;
        for _ in 0..1_000 {
            histogram.fade();
            histogram.add(95);
        }
        assert!((225..=DAILY).contains(&i64::from(histogram.0[95])), "{}", histogram.0[95]);
        (0..100).for_each(|_| histogram.add(95));
        assert_eq!(histogram.0[95], u8::MAX, "more than one a day does not overflow");
    }

    #[test]
    fn another_width_keeps_where_the_visits_were() {
        use BinWidth::{HalfHour, QuarterHour};
        let mut histogram = Histogram::EMPTY;
        [10, 11, 95].iter().for_each(|bin| histogram.add(*bin));
        let coarse = histogram.with_width(QuarterHour, HalfHour);
        assert_eq!((coarse.0[5], coarse.0[47], coarse.counts(HalfHour).len()), (30, 15, 48));
        let fine = coarse.with_width(HalfHour, QuarterHour);
        assert_eq!((fine.0[10], fine.0[11], fine.0[94]), (15, 15, 7));
    }
}
