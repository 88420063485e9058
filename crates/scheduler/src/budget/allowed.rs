use std::time::Duration;

use crate::{SyncParameters, ValidParameters};

/// What an origin may use in a rolling day: what a [`Budget`](crate::Budget) is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayAllowance {
    /// Starts of events.
    pub starts: u32,
    /// Time that events run.
    pub time: Duration,
}

impl DayAllowance {
    pub(super) fn time_left(self, used: Duration) -> Duration {
        self.time.saturating_sub(used)
    }
}

impl From<&SyncParameters> for DayAllowance {
    /// That of one-shot events without a window.
    fn from(params: &SyncParameters) -> Self {
        Self { starts: params.background_starts_per_day, time: params.background_time_per_day }
    }
}

impl From<&ValidParameters> for DayAllowance {
    /// That of one-shot events without a window.
    fn from(params: &ValidParameters) -> Self {
        Self::from(&**params)
    }
}
