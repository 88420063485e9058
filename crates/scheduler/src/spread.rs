use std::time::Duration;

use crate::SyncParameters;

impl SyncParameters {
    /// The longest spread that an origin draws after start-up or when the link came back.
    #[must_use]
    pub fn longest_spread(&self, in_background: bool) -> Duration {
        if in_background { self.first_fire_spread_in_background } else { self.first_fire_spread }
    }

    /// What is left of a spread when a wake-up has `most` time for it: that goes by in proportion, so that nothing is
    /// drawn anew and the wake-up sees its event. `None` when every spread fits as it is.
    #[must_use]
    pub fn spread_within(&self, left: Duration, most: Duration) -> Option<Duration> {
        let longest = self.longest_spread(true).max(self.longest_spread(false));
        if longest <= most {
            return None;
        }
        // In whole milliseconds, as everything that is drawn.
        let ms = left.as_millis().saturating_mul(most.as_millis()) / longest.as_millis().max(1);
        Some(Duration::from_millis(u64::try_from(ms).unwrap_or(u64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_made_shorter_in_proportion_to_a_wake_up() {
        let params = SyncParameters::recommended();
        let secs = Duration::from_secs;
        assert_eq!((params.longest_spread(false), params.longest_spread(true)), (secs(1), secs(60)));
        assert_eq!(params.spread_within(secs(60), secs(15)), Some(secs(15)), "the longest one just fits");
        assert_eq!(params.spread_within(secs(20), secs(15)), Some(secs(5)));
        assert_eq!(params.spread_within(secs(0), secs(15)), Some(secs(0)));
        assert_eq!(params.spread_within(secs(60), secs(60)), None);
    }
}
