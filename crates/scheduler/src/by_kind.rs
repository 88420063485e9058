use std::time::Duration;

use background_sync_policy::SyncKind;
use background_sync_registration::Series;

use crate::{DayAllowance, SyncParameters};

impl SyncParameters {
    /// What events of a kind of an origin may use in a rolling day (invariant I13): one-shot ones without a window,
    /// periodic ones always.
    #[must_use]
    pub fn day_allowance(&self, kind: SyncKind) -> DayAllowance {
        match kind {
            SyncKind::OneShot => DayAllowance::from(self),
            #[cfg(feature = "periodic")]
            SyncKind::Periodic => self.periodic.allowance(),
            #[cfg(not(feature = "periodic"))]
            SyncKind::Periodic => DayAllowance { starts: 0, time: Duration::ZERO },
        }
    }

    /// The execution cap of the next event of a registration (`sync.limit`, `periodic.limit`).
    #[must_use]
    pub fn longest_event(&self, kind: SyncKind, series: Series, last_chance: bool) -> Duration {
        match kind {
            SyncKind::OneShot => self.event_duration(last_chance),
            #[cfg(feature = "periodic")]
            SyncKind::Periodic => self.periodic.event_duration(series),
            #[cfg(not(feature = "periodic"))]
            SyncKind::Periodic => {
                let _: Series = series;
                Duration::ZERO
            }
        }
    }

    /// The time that has to be there before the next event of a registration is dispatched that has to be paid for.
    #[must_use]
    pub fn least_event(&self, kind: SyncKind, series: Series, last_chance: bool) -> Duration {
        match kind {
            SyncKind::OneShot => self.least_background_time(last_chance),
            SyncKind::Periodic => {
                let cap = self.longest_event(kind, series, last_chance);
                cap.min(self.min_event_duration).min(self.day_allowance(kind).time)
            }
        }
    }
}
