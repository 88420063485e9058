use std::time::Duration;

use background_sync_registration::{Observed, Series};

use crate::{Jitter, JitterMode, SyncParameters};

impl SyncParameters {
    /// The wait before the next attempt, after `attempts` charged ones (`sync.fire.5.3.2.1`).
    ///
    /// `initial × factor^(max(attempts, 1) - 1)`, capped, then jittered; but what was tried is never tried again
    /// sooner than [`min_refire_spacing`](Self::min_refire_spacing), whatever the formula and the jitter say.
    pub fn back_off(&self, attempts: u32, jitter: &mut Jitter) -> Duration {
        let factor = self.retry_delay_factor.saturating_pow(attempts.max(1) - 1);
        let whole = self.initial_retry_delay.saturating_mul(factor).min(self.max_retry_delay);
        let drawn = match self.jitter {
            JitterMode::Equal => jitter.equal(whole),
            JitterMode::None => whole,
        };
        drawn.max(self.min_refire_spacing)
    }

    /// Whether the next attempt is the last one: what its event is told, and what "will retry" denies
    /// (`sync.willRetry`, `sync.lastChance`).
    ///
    /// True when the attempt would use up the cap (`sync.privacy.location`), or when the registration
    /// is past its age.
    #[must_use]
    pub fn last_chance(&self, series: Series, registered: Observed, now: Observed) -> bool {
        series.attempts.saturating_add(1) >= self.max_sync_attempts || now.wall.since(registered.wall) > self.max_age
    }

    /// The running time at which the registration is removed without another attempt.
    #[must_use]
    pub fn expires_at(&self, registered: Observed) -> Duration {
        registered.running.saturating_add(self.max_observed_age)
    }

    /// The execution cap of an event (`sync.limit`).
    #[must_use]
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
        let mut jitter = Jitter::seeded(0);
        let seconds: Vec<_> = (0..9).map(|n| params.back_off(n, &mut jitter).as_secs()).collect();
        assert_eq!(seconds, [30, 30, 90, 270, 810, 2_430, 7_290, 18_000, 18_000]);
        assert_eq!(params.back_off(u32::MAX, &mut jitter).as_secs(), 18_000);
    }

    #[test]
    fn no_back_off_is_below_the_spacing_whatever_the_jitter_draws() {
        let mut params = SyncParameters::recommended().into_parameters();
        params.initial_retry_delay = Duration::from_millis(1_500);
        let mut jitter = Jitter::seeded(0);
        let drawn: Vec<_> = (0..100).map(|_| params.back_off(1, &mut jitter)).collect();
        assert!(drawn.iter().all(|delay| *delay >= params.min_refire_spacing));
        assert!(drawn.contains(&params.min_refire_spacing), "half of 1.5 s would be less");
        params.initial_retry_delay = Duration::from_millis(999);
        params.jitter = JitterMode::None;
        assert_eq!(params.back_off(1, &mut jitter), params.min_refire_spacing);
    }

    #[test]
    fn the_last_chance_comes_with_the_cap_or_with_age() {
        let params = SyncParameters::recommended();
        let series = |attempts| Series { attempts, ..Series::default() };
        let at = |days: i64| Observed { wall: WallTime::from_unix_ms(days * 86_400_000), running: Duration::ZERO };
        assert!(!params.last_chance(series(10), at(0), at(0)));
        assert!(params.last_chance(series(11), at(0), at(0)));
        assert!(!params.last_chance(series(0), at(0), at(7)));
        assert!(params.last_chance(series(0), at(0), at(8)));
        assert!(!params.last_chance(series(0), at(8), at(0)), "the clock was set back");
    }
}
