use std::fmt;

use serde::{Deserialize, Serialize};

/// How far local civil time is ahead of UTC, in minutes: from -18 h to +18 h, more than any place on earth has.
///
/// The host reads it anew for every visit and every question, so that a trip and the first day of summer time count at
/// once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i16", into = "i16")]
pub struct UtcOffset(i16);

/// As time-zone databases and the other standards of civil time bound it.
const MOST_MINUTES: u16 = 18 * 60;

impl UtcOffset {
    /// No offset.
    pub const UTC: Self = Self(0);
    /// The furthest west: 18 h behind UTC.
    pub const MIN: Self = Self(-(MOST_MINUTES as i16));
    /// The furthest east: 18 h ahead of UTC.
    pub const MAX: Self = Self(MOST_MINUTES as i16);

    /// The offset of so many minutes, positive east of Greenwich.
    ///
    /// # Errors
    /// When it is more than 18 h either way.
    pub const fn from_minutes(minutes: i16) -> Result<Self, InvalidUtcOffset> {
        if minutes.unsigned_abs() <= MOST_MINUTES { Ok(Self(minutes)) } else { Err(InvalidUtcOffset(minutes)) }
    }

    /// Minutes ahead of UTC, negative if behind.
    #[must_use]
    pub const fn minutes(self) -> i16 {
        self.0
    }
}

impl TryFrom<i16> for UtcOffset {
    type Error = InvalidUtcOffset;

    fn try_from(minutes: i16) -> Result<Self, InvalidUtcOffset> {
        Self::from_minutes(minutes)
    }
}

impl From<UtcOffset> for i16 {
    fn from(offset: UtcOffset) -> Self {
        offset.0
    }
}

/// So many minutes are the offset of no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidUtcOffset(i16);

impl fmt::Display for InvalidUtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an offset from UTC of {} minutes: at most {MOST_MINUTES} either way are allowed", self.0)
    }
}

impl std::error::Error for InvalidUtcOffset {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eighteen_hours_either_way_and_no_minute_more() {
        let minutes = |minutes| UtcOffset::from_minutes(minutes).map(UtcOffset::minutes);
        assert_eq!([-1_080, 0, 1_080].map(minutes), [Ok(-1_080), Ok(0), Ok(1_080)]);
        for more in [-1_081, 1_081, i16::MIN, i16::MAX] {
            assert_eq!(minutes(more), Err(InvalidUtcOffset(more)));
        }
        assert_eq!((UtcOffset::MIN.minutes(), UtcOffset::MAX.minutes()), (-1_080, 1_080));
    }

    #[test]
    fn what_is_read_is_looked_at() {
        assert_eq!(serde_json::from_str::<UtcOffset>("120").unwrap(), UtcOffset(120));
        let refused = serde_json::from_str::<UtcOffset>("1081").unwrap_err().to_string();
        assert!(refused.contains("1081 minutes"), "{refused}");
    }
}
