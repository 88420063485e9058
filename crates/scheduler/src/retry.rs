use std::time::Duration;

use background_sync_registration::{Observed, Series};
use serde::{Deserialize, Serialize};

use crate::{Jitter, JitterMode, SyncParameters};

/// What makes an attempt the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LastChance {
    /// It uses up the cap on attempts. Said also when age alone would do.
    Attempts,
    /// The registration is too old for another one.
    Age,
}

impl LastChance {
    /// `attempts` or `age`, as the log and the tools say it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attempts => "attempts",
            Self::Age => "age",
        }
    }
}

impl SyncParameters {
    /// The wait before the next attempt, after `attempts` charged ones (`sync.fire.5.3.2.1`).
    ///
    /// `initial × factor^(max(attempts, 1) - 1)`, capped, then jittered; but what was tried is never tried again
    /// sooner than [`min_refire_spacing`](Self::min_refire_spacing), whatever the formula and the jitter say.
    pub fn back_off(&self, attempts: u32, jitter: &mut Jitter) -> Duration {
        let whole = self.back_off_without_jitter(attempts);
        let drawn = match self.jitter {
            JitterMode::Equal => jitter.equal(whole),
            JitterMode::None => whole,
        };
        drawn.max(self.min_refire_spacing)
    }

    /// The wait after a start that came to nothing, `series` being what was made before it. Free starts count for it:
    /// a worker that never starts is tried less and less often.
    pub fn back_off_of_start(&self, series: Series, jitter: &mut Jitter) -> Duration {
        let failures = series.attempts.saturating_add(series.free_in_a_row).saturating_add(1);
        self.back_off(failures, jitter)
    }

    fn back_off_without_jitter(&self, attempts: u32) -> Duration {
        let mut whole = self.initial_retry_delay;
        // Step by step, because a power of the factor has no type that holds it where the first delay is tiny. A
        // nanosecond that is doubled more often is longer than any duration.
        for _ in 1..attempts.min(128) {
            if whole >= self.max_retry_delay {
                break;
            }
            whole = whole.saturating_mul(self.retry_delay_factor);
        }
        whole.min(self.max_retry_delay)
    }

    /// Whether the next attempt is the last one: what its event is told, and what "will retry" denies
    /// (`sync.willRetry`, `sync.lastChance`).
    #[must_use]
    pub fn last_chance(&self, series: Series, registered: Observed, now: Observed) -> bool {
        self.why_last_chance(series, registered, now).is_some()
    }

    /// Why the next attempt is the last one; `None` when another one may follow it.
    ///
    /// It is when it would use up the cap (`sync.privacy.location`). It also is when the registration is past its
    /// age and has had its attempts but for this one: a device that was off for a week gives what it finds at least
    /// [`min_sync_attempts`](Self::min_sync_attempts).
    #[must_use]
    pub fn why_last_chance(&self, series: Series, registered: Observed, now: Observed) -> Option<LastChance> {
        let with_this = series.attempts.saturating_add(1);
        if with_this >= self.max_sync_attempts {
            return Some(LastChance::Attempts);
        }
        let old = now.wall.since(registered.wall) > self.max_age;
        (old && with_this >= self.min_sync_attempts).then_some(LastChance::Age)
    }

    /// The running time at which a registration is removed without another attempt that was last registered at
    /// `registered`, in running time too.
    #[must_use]
    #[inline]
    pub fn expires_at(&self, registered: Duration) -> Duration {
        registered.saturating_add(self.max_observed_age)
    }

    /// The execution cap of an event (`sync.limit`).
    #[must_use]
    #[inline]
    pub fn event_duration(&self, last_chance: bool) -> Duration {
        if last_chance { self.max_last_chance_duration } else { self.max_sync_event_duration }
    }
}

#[cfg(test)]
mod tests {
    use background_sync_registration::WallTime;

    use super::*;

    #[test]
    fn the_back_off_grows_by_the_factor_up_to_the_cap() {
        let params = SyncParameters { jitter: JitterMode::None, ..SyncParameters::recommended().into_parameters() };
        let mut jitter = Jitter::seeded([0; 16]);
        let seconds: Vec<_> = (0..9).map(|n| params.back_off(n, &mut jitter).as_secs()).collect();
        assert_eq!(seconds, [30, 30, 90, 270, 810, 2_430, 7_290, 18_000, 18_000]);
        assert_eq!(params.back_off(u32::MAX, &mut jitter).as_secs(), 18_000);
    }

    #[test]
    fn a_worker_that_never_starts_is_tried_less_and_less_often() {
        let params = SyncParameters { jitter: JitterMode::None, ..SyncParameters::recommended().into_parameters() };
        let wait = |attempts, free_in_a_row| {
            let series = Series::new(attempts, free_in_a_row, 0);
            params.back_off_of_start(series, &mut Jitter::seeded([0; 16])).as_secs()
        };
        assert_eq!([wait(0, 0), wait(0, 1), wait(0, 2), wait(1, 2)], [30, 90, 270, 810]);
    }

    #[test]
    fn no_back_off_is_below_the_spacing_whatever_the_jitter_draws() {
        let mut params = SyncParameters::recommended().into_parameters();
        params.initial_retry_delay = Duration::from_millis(1_500);
        let mut jitter = Jitter::seeded([0; 16]);
        let drawn: Vec<_> = (0..100).map(|_| params.back_off(1, &mut jitter)).collect();
        assert!(drawn.iter().all(|delay| *delay >= params.min_refire_spacing));
        assert!(drawn.contains(&params.min_refire_spacing), "half of 1.5 s would be less");
        params.initial_retry_delay = Duration::from_millis(999);
        params.jitter = JitterMode::None;
        assert_eq!(params.back_off(1, &mut jitter), params.min_refire_spacing);
    }

    #[test]
    fn the_last_chance_comes_with_the_cap_or_with_age_after_enough_attempts() {
        let params = SyncParameters::recommended();
        let why = |attempts, registered: i64, now: i64| {
            let at = |days: i64| Observed { wall: WallTime::from_unix_ms(days * 86_400_000), running: Duration::ZERO };
            let series = Series::charged(attempts);
            let why = params.why_last_chance(series, at(registered), at(now));
            assert_eq!(params.last_chance(series, at(registered), at(now)), why.is_some());
            why
        };
        assert_eq!(why(10, 0, 0), None);
        assert_eq!(why(11, 0, 0), Some(LastChance::Attempts));
        assert_eq!(why(2, 0, 7), None, "not past its age");
        assert_eq!([why(0, 0, 8), why(1, 0, 8)], [None, None], "three attempts are given whatever its age");
        assert_eq!(why(2, 0, 8), Some(LastChance::Age));
        assert_eq!(why(11, 0, 8), Some(LastChance::Attempts), "both: the cap speaks");
        assert_eq!(why(2, 8, 0), None, "the clock was set back");
    }

    #[test]
    fn the_least_number_of_attempts_never_exceeds_the_cap() {
        let params = SyncParameters {
            max_sync_attempts: 2,
            min_sync_attempts: 9,
            max_age: Duration::ZERO,
            ..SyncParameters::recommended().into_parameters()
        };
        let second = Series::charged(1);
        assert!(params.last_chance(second, Observed::default(), Observed::default()));
    }
}
