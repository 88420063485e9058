use std::time::Duration;

use background_sync_registration::{Charge, Series};

use super::PeriodicParameters;
use crate::{Jitter, JitterMode, SyncParameters};

impl SyncParameters {
    /// What an attempt of a periodic sync costs its series: free if the worker could not help it (`excused`), so many
    /// times in a row, and in all as often as there are attempts (invariant I5).
    #[must_use]
    pub const fn periodic_charge(&self, series: Series, excused: bool) -> Charge {
        let is_free =
            excused && series.free_in_a_row < self.max_free_outcomes && series.free_in_all <= self.periodic.max_retries;
        if is_free { Charge::Free } else { Charge::Charged }
    }
}

impl SyncParameters {
    /// How long a periodic sync that was let fire may take, retries included, before it has to be judged anew: a tenth of
    /// the shortest interval (`periodic.const.retries`), and as long as its events and their starts may take.
    #[must_use]
    pub fn periodic_turn_lasts(&self) -> Duration {
        let attempt = self.periodic.max_event_duration.saturating_add(self.max_start_duration);
        let attempts = attempt.saturating_mul(self.periodic.max_retries.saturating_add(1));
        (self.periodic.min_interval_for_any_origin / 10).saturating_add(attempts)
    }
}

impl PeriodicParameters {
    /// The wait before an event that failed is tried again; `None` when it is not (`periodic.const.retries`,
    /// `periodic.fire.6.9`). `series` is what was tried before it.
    pub fn retry_delay(&self, series: Series, mode: JitterMode, jitter: &mut Jitter) -> Option<Duration> {
        // periodic.fire.6.7.4: the text compares after it has counted one too few, and would try once more.
        if series.attempts >= self.max_retries {
            return None;
        }
        let whole = self.retry_delay_without_jitter(series.attempts);
        Some(match mode {
            JitterMode::Equal => jitter.equal(whole),
            JitterMode::None => whole,
        })
    }

    fn retry_delay_without_jitter(&self, retries: u32) -> Duration {
        let factor = self.retry_delay_factor.max(1);
        (0..retries.min(64)).fold(self.initial_retry_delay, |delay, _| delay.saturating_mul(factor))
    }

    /// The longest that all waits of a series can take together.
    pub(super) fn longest_series(&self) -> Duration {
        let waits = (0..self.max_retries.min(1_000)).map(|n| self.retry_delay_without_jitter(n));
        waits.fold(Duration::ZERO, Duration::saturating_add)
    }

    /// The execution cap of an event: a retry is given less (`periodic.limit`).
    #[must_use]
    pub fn event_duration(&self, series: Series) -> Duration {
        if series.attempts == 0 { self.max_event_duration } else { self.max_retry_duration }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_lasts_for_all_retries_and_no_more() {
        let params = SyncParameters::recommended();
        assert_eq!(params.periodic_turn_lasts().as_secs() / 60, 72 + 3 * 4);
    }

    #[test]
    fn a_failed_event_is_tried_twice_more_and_a_retry_is_shorter() {
        let params = PeriodicParameters::recommended();
        let mut jitter = Jitter::seeded([1; 16]);
        let minutes: Vec<_> = (0..4)
            .map(|n| params.retry_delay(Series::charged(n), JitterMode::None, &mut jitter).map(|d| d.as_secs() / 60))
            .collect();
        assert_eq!(minutes, [Some(5), Some(15), None, None]);
        assert_eq!(params.event_duration(Series::charged(0)).as_secs(), 180);
        assert_eq!(params.event_duration(Series::charged(1)).as_secs(), 60);
        let drawn = params.retry_delay(Series::charged(0), JitterMode::Equal, &mut jitter).unwrap().as_secs();
        assert!((150..=300).contains(&drawn), "{drawn}");
    }

    #[test]
    fn i5_one_event_has_at_most_twice_as_many_attempts_as_the_cap_however_many_are_excused() {
        let mut params = SyncParameters::recommended().into_parameters();
        for free_in_a_row in [0, 1, 3, 1_000] {
            params.max_free_outcomes = free_in_a_row;
            let (mut series, mut attempts) = (Series::default(), 0);
            while series.attempts <= params.periodic.max_retries {
                series.book(params.periodic_charge(series, true));
                attempts += 1;
            }
            assert_eq!(attempts, if free_in_a_row == 0 { 3 } else { 6 }, "{free_in_a_row}");
        }
    }
}
