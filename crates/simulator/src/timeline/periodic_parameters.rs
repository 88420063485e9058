use background_sync::scheduler::{AcrossOrigins, BinWidth, EngagementFactors, PeriodicParameters};
use serde::{Deserialize, Serialize};

use super::Time;
use super::parameters::{Written, overrides};

impl Written<Self> for EngagementFactors {
    fn plain(self) -> Self {
        self
    }
}

impl Written<Self> for BinWidth {
    fn plain(self) -> Self {
        self
    }
}

/// How often anything periodic may fire at all: `{ wake_ups_per_day = 12 }` or `{ gap = "12h" }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AcrossOverride {
    /// So many times in a rolling day.
    WakeUpsPerDay(u32),
    /// This long after the last time, whichever origin that was of.
    Gap(Time),
}

impl Written<AcrossOrigins> for AcrossOverride {
    fn plain(self) -> AcrossOrigins {
        match self {
            Self::WakeUpsPerDay(most) => AcrossOrigins::WakeUpsPerDay(most),
            Self::Gap(Time(gap)) => AcrossOrigins::Gap(gap),
        }
    }
}

overrides! {
    /// Parameters of periodic syncs that differ from the preset, by their field names in [`PeriodicParameters`]; the
    /// fields of its `visits` stand beside the others.
    PeriodicOverrides of PeriodicParameters {
        enabled: bool => enabled,
        min_interval_for_any_origin: Time => min_interval_for_any_origin,
        engagement: EngagementFactors => engagement,
        across_origins: AcrossOverride => across_origins,
        batch_window: Time => batch_window,
        interval_flex_percent: u32 => interval_flex_percent,
        second_slot_gap: Time => second_slot_gap,
        max_retries: u32 => max_retries,
        initial_retry_delay: Time => initial_retry_delay,
        retry_delay_factor: u32 => retry_delay_factor,
        max_event_duration: Time => max_event_duration,
        max_retry_duration: Time => max_retry_duration,
        starts_per_day: u32 => starts_per_day,
        time_per_day: Time => time_per_day,
        follow_visits: bool => follow_visits,
        bin_width: BinWidth => visits.bin_width,
        second_slot: bool => visits.second_slot,
    }
}
