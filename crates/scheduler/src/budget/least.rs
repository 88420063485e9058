use std::time::Duration;

use super::DAY;
use crate::SyncParameters;

impl SyncParameters {
    /// The background time that has to be there before an event is dispatched without a window: all of its cap
    /// for a last chance, which has no second try; [`min_event_duration`](Self::min_event_duration) for any
    /// other. A day's whole allowance is always enough.
    #[must_use]
    pub fn least_background_time(&self, last_chance: bool) -> Duration {
        let cap = self.event_duration(last_chance);
        let least = if last_chance { cap } else { cap.min(self.min_event_duration) };
        least.min(self.background_time_per_day)
    }

    /// Whether there is anything to count: an allowance of any number of starts of any length needs no books.
    #[must_use]
    pub fn limits_background(&self) -> bool {
        self.background_starts_per_day < u32::MAX || self.background_time_per_day < DAY.saturating_mul(366)
    }
}
