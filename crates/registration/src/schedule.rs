use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::WallTime;

/// The shortest time between two events of a periodic registration that its page asked for.
///
/// A whole number of milliseconds, any that an `unsigned long long` holds; what bindings let through (`[EnforceRange]`)
/// ends at 2^53 - 1. Nothing that is computed with it overflows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MinInterval(u64);

impl MinInterval {
    /// So many milliseconds.
    #[must_use]
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms)
    }

    /// In milliseconds.
    #[must_use]
    pub const fn ms(self) -> u64 {
        self.0
    }

    /// As a length of time.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_millis(self.0)
    }
}

/// What only a periodic registration has (`periodic.def.registration`): how often it may fire, and since when that
/// counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Schedule {
    /// The page's `minInterval`.
    pub min_interval: MinInterval,
    /// When it was first registered, or its last event was done with (`periodic.def.anchor`).
    pub anchor: WallTime,
}

impl Schedule {
    /// This interval, counted from this moment.
    #[must_use]
    pub const fn new(min_interval: MinInterval, anchor: WallTime) -> Self {
        Self { min_interval, anchor }
    }

    /// The moment at which a part of the interval, in percent, is over: at the end of the clock's range if it would be
    /// later than that.
    #[must_use]
    pub fn after_percent(&self, percent: u32) -> WallTime {
        let ms = u128::from(self.min_interval.0) * u128::from(percent.min(100)) / 100;
        self.anchor.after(Duration::from_millis(u64::try_from(ms).unwrap_or(u64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_and_an_interval_never_overflow() {
        let at = |anchor, ms, percent| {
            Schedule::new(MinInterval::from_ms(ms), WallTime::from_unix_ms(anchor)).after_percent(percent).unix_ms()
        };
        assert_eq!(at(1_000, 500, 100), 1_500);
        assert_eq!(at(1_000, 500, 90), 1_450);
        assert_eq!(at(1_000, 500, 1_000), 1_500, "no more than all of it");
        assert_eq!(at(i64::MAX - 5, 500, 100), i64::MAX);
        assert_eq!(at(0, u64::MAX, 100), i64::MAX);
        assert_eq!(at(i64::MIN, u64::MAX, 100), -1, "a length that a clock can't hold is as long as one can");
    }
}
