use std::time::Duration;

use background_sync::scheduler::{AcrossOrigins, EngagementFactors, JitterMode, SyncParameters, ValidParameters};

use crate::choices::{ACROSS_ORIGINS, ANY_ORIGIN, ATTEMPTS, BACK_OFF, PERIODIC_CAP, RETRIES, RETRY_DELAY, START};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
const YEARS: Duration = Duration::from_secs(10 * 365 * 86_400);

/// No chance, no caps, no budgets, no spreads, and the waits of [`choices`](crate::choices).
pub(crate) fn parameters() -> ValidParameters {
    let minutes = |n: u64| MINUTE * u32::try_from(n).unwrap_or(u32::MAX);
    let plain = SyncParameters::recommended().into_parameters().with(|it| {
        it.max_sync_attempts = ATTEMPTS;
        it.min_sync_attempts = ATTEMPTS;
        it.initial_retry_delay = minutes(BACK_OFF);
        it.max_retry_delay = minutes(BACK_OFF);
        it.retry_delay_factor = 1;
        it.jitter = JitterMode::None;
        it.min_refire_spacing = Duration::from_millis(1);
        it.early_retries_per_hour = 0;
        it.max_start_duration = minutes(START);
        it.max_free_outcomes = 0;
        (it.max_age, it.max_observed_age) = (YEARS, YEARS);
        (it.max_sync_event_duration, it.max_last_chance_duration) = (YEARS, YEARS);
        (it.max_concurrent_events, it.max_concurrent_events_per_origin) = (1_000, 1_000);
        (it.background_starts_per_day, it.background_time_per_day) = (u32::MAX, Duration::MAX);
        (it.first_fire_spread, it.first_fire_spread_in_background) = (Duration::ZERO, Duration::ZERO);
        (it.online_hold, it.online_hold_max) = (Duration::ZERO, Duration::ZERO);
        let periodic = &mut it.periodic;
        periodic.min_interval_for_any_origin = minutes(ANY_ORIGIN);
        periodic.engagement = EngagementFactors::NONE;
        periodic.across_origins = AcrossOrigins::Gap(minutes(ACROSS_ORIGINS));
        periodic.batch_window = Duration::ZERO;
        periodic.interval_flex_percent = 0;
        periodic.max_retries = RETRIES;
        periodic.initial_retry_delay = minutes(RETRY_DELAY);
        periodic.retry_delay_factor = 1;
        let cap = minutes(PERIODIC_CAP);
        (periodic.max_event_duration, periodic.max_retry_duration) = (cap, cap);
        (periodic.starts_per_day, periodic.time_per_day) = (u32::MAX, Duration::MAX);
        periodic.follow_visits = false;
    });
    plain.validated().expect("they make sense")
}
