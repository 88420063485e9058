use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{AcrossOrigins, EngagementFactors};
use crate::visits::VisitParameters;
use crate::{DayAllowance, InvalidParameters};

const fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

/// Everything that the specification of periodic syncs leaves to the user agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PeriodicParameters {
    /// Whether there are periodic syncs. `false` refuses them and starts none; what is stored stays.
    pub enabled: bool,
    /// Shortest time between two events of an origin (`periodic.const.any`).
    pub min_interval_for_any_origin: Duration,
    /// What engagement makes of it (`periodic.def.effective`).
    pub engagement: EngagementFactors,
    /// How often anything may fire, over all origins (`periodic.const.across`).
    pub across_origins: AcrossOrigins,
    /// What is due within this time fires together, in one wake-up (`periodic.process.1.3.1`).
    pub batch_window: Duration,
    /// So much of a page's `minInterval`, in percent, may be left out, so that an event that ends a few minutes after it
    /// began can be at the same time on the next day. At most 50.
    pub interval_flex_percent: u32,
    /// With a second slot a day, how far apart they are at least.
    pub second_slot_gap: Duration,
    /// Retries after an event that failed (`periodic.const.retries`).
    pub max_retries: u32,
    /// Wait before the first retry. All waits together take a tenth of `min_interval_for_any_origin` at most.
    pub initial_retry_delay: Duration,
    /// Each further wait is this many times the one before. At least 1.
    pub retry_delay_factor: u32,
    /// Execution cap of an event (`periodic.limit`).
    pub max_event_duration: Duration,
    /// Execution cap of a retry.
    pub max_retry_duration: Duration,
    /// Starts that an origin may have in a rolling day, with a window or without (invariant I13,
    /// `periodic.privacy.location`).
    pub starts_per_day: u32,
    /// Event time that an origin may have in a rolling day, likewise.
    pub time_per_day: Duration,
    /// Whether the event of a day is placed before the user's usual visit. Otherwise, and where a host tells of no
    /// visits, it comes as soon as the intervals let it.
    pub follow_visits: bool,
    /// How visits are remembered, and whether there may be a second slot a day.
    pub visits: VisitParameters,
}

impl PeriodicParameters {
    /// One event a day of an origin, before the user's visit.
    #[must_use]
    pub const fn recommended() -> Self {
        Self {
            enabled: true,
            min_interval_for_any_origin: minutes(12 * 60),
            engagement: EngagementFactors::NONE,
            across_origins: AcrossOrigins::WakeUpsPerDay(12),
            batch_window: minutes(15),
            interval_flex_percent: 10,
            second_slot_gap: minutes(4 * 60),
            max_retries: 2,
            initial_retry_delay: minutes(5),
            retry_delay_factor: 3,
            max_event_duration: minutes(3),
            max_retry_duration: minutes(1),
            starts_per_day: 4,
            time_per_day: minutes(10),
            follow_visits: true,
            visits: VisitParameters::recommended(),
        }
    }

    /// Chromium's: 12 hours by engagement, no visits, and the one barrier between origins.
    #[must_use]
    pub const fn chromium() -> Self {
        Self {
            engagement: EngagementFactors::CHROMIUM,
            across_origins: AcrossOrigins::Gap(minutes(12 * 60)),
            batch_window: Duration::ZERO,
            interval_flex_percent: 0,
            max_retry_duration: minutes(3),
            follow_visits: false,
            starts_per_day: u32::MAX,
            time_per_day: Duration::MAX,
            ..Self::recommended()
        }
    }

    /// Off; and if somebody switches it on, visits are remembered to half an hour.
    #[must_use]
    pub const fn private() -> Self {
        Self { enabled: false, visits: VisitParameters::private(), ..Self::recommended() }
    }

    /// What an origin may use in a rolling day.
    #[must_use]
    pub const fn allowance(&self) -> DayAllowance {
        DayAllowance { starts: self.starts_per_day, time: self.time_per_day }
    }

    pub(crate) fn check(&self) -> Result<(), InvalidParameters> {
        let problem = |field, problem| Err(InvalidParameters { field, problem });
        let engagement = &self.engagement;
        let factors = [engagement.minimal, engagement.low, engagement.medium, engagement.high, engagement.max];
        if factors.contains(&0) {
            return problem("periodic.engagement", "has a factor of 0; each must be at least 1");
        }
        if self.interval_flex_percent > 50 {
            return problem("periodic.interval_flex_percent", "must be at most 50");
        }
        if self.retry_delay_factor == 0 {
            return problem("periodic.retry_delay_factor", "must be at least 1");
        }
        let not_zero = [
            ("periodic.min_interval_for_any_origin", self.min_interval_for_any_origin),
            ("periodic.initial_retry_delay", self.initial_retry_delay),
            ("periodic.max_event_duration", self.max_event_duration),
            ("periodic.max_retry_duration", self.max_retry_duration),
        ];
        if let Some((field, _)) = not_zero.into_iter().find(|(_, length)| length.is_zero()) {
            return problem(field, "must be longer than nothing");
        }
        if self.max_retry_duration > self.max_event_duration {
            return problem("periodic.max_retry_duration", "is longer than periodic.max_event_duration");
        }
        match self.across_origins {
            AcrossOrigins::WakeUpsPerDay(0) => return problem("periodic.across_origins", "must let at least 1 a day"),
            AcrossOrigins::Gap(gap) if gap < self.min_interval_for_any_origin => {
                return problem("periodic.across_origins", "is shorter than periodic.min_interval_for_any_origin");
            }
            AcrossOrigins::WakeUpsPerDay(_) | AcrossOrigins::Gap(_) => {}
        }
        // periodic.const.retries: an order of magnitude less.
        if self.longest_series() > self.min_interval_for_any_origin / 10 {
            return problem("periodic.max_retries", "take longer than a tenth of periodic.min_interval_for_any_origin");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_pass_and_nonsense_is_named() {
        for preset in [PeriodicParameters::recommended(), PeriodicParameters::chromium(), PeriodicParameters::private()]
        {
            assert_eq!(preset.check(), Ok(()));
        }
        assert!(!PeriodicParameters::private().enabled);
        let whole = PeriodicParameters::recommended();
        let nonsense = [
            (PeriodicParameters { interval_flex_percent: 51, ..whole }, "periodic.interval_flex_percent"),
            (PeriodicParameters { max_retries: 4, ..whole }, "periodic.max_retries"),
            (PeriodicParameters { retry_delay_factor: 0, ..whole }, "periodic.retry_delay_factor"),
            (PeriodicParameters { max_retry_duration: minutes(9), ..whole }, "periodic.max_retry_duration"),
            (PeriodicParameters { max_event_duration: Duration::ZERO, ..whole }, "periodic.max_event_duration"),
            (PeriodicParameters { across_origins: AcrossOrigins::Gap(minutes(1)), ..whole }, "periodic.across_origins"),
            (
                PeriodicParameters { across_origins: AcrossOrigins::WakeUpsPerDay(0), ..whole },
                "periodic.across_origins",
            ),
            (
                PeriodicParameters { engagement: EngagementFactors { low: 0, ..EngagementFactors::NONE }, ..whole },
                "periodic.engagement",
            ),
        ];
        for (parameters, field) in nonsense {
            assert_eq!(parameters.check().map_err(|error| error.field), Err(field));
        }
    }
}
