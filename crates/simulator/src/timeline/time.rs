use std::{fmt, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A length of time as people write it in a timeline: `"30s"`, `"5min"`, `"1h 30min"`, `"500ms"`.
///
/// Units are `ms`, `s`, `min`, `h` and `d`, a number before each, no fractions. There is no `m`, because
/// readers disagree whether it is minutes or months. Moments are written as lengths since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub Duration);

/// Largest first.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];

impl Time {
    /// Nothing, or the start.
    pub const ZERO: Self = Self(Duration::ZERO);

    /// The longest that can be written.
    pub const LONGEST: Self = Self::millis(u64::MAX);

    /// So many seconds.
    #[must_use]
    pub const fn seconds(n: u64) -> Self {
        Self(Duration::from_secs(n))
    }

    /// So many milliseconds.
    #[must_use]
    pub const fn millis(n: u64) -> Self {
        Self(Duration::from_millis(n))
    }

    /// Reads the written form.
    ///
    /// # Errors
    /// A sentence that says what is wrong and how to write it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut ms = 0_u64;
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(problem(text));
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(|| problem(text))?;
            let number: u64 = rest[..digits].parse().map_err(|_| problem(text))?;
            let after = rest[digits..].trim_start();
            let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
            let unit = &after[..letters];
            let (_, size) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(|| problem(text))?;
            ms = number.checked_mul(*size).and_then(|part| ms.checked_add(part)).ok_or_else(|| problem(text))?;
            rest = after[letters..].trim_start();
        }
        Ok(Self(Duration::from_millis(ms)))
    }
}

fn problem(text: &str) -> String {
    format!(
        "`{text}` is no length of time; write a number and one of d, h, min, s, ms, such as \"90s\" or \"1h 30min\""
    )
}

impl fmt::Display for Time {
    /// Whole milliseconds; a longer part than that is cut off.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ms = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        let mut first = true;
        for (unit, size) in UNITS {
            if ms >= size {
                let space = if first { "" } else { " " };
                write!(f, "{space}{}{unit}", ms / size)?;
                ms %= size;
                first = false;
            }
        }
        if first { f.write_str("0s") } else { Ok(()) }
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

/// A length of time with a direction: `"+3h"`, `"-2d"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jump {
    /// Whether it goes back.
    pub back: bool,
    /// How far.
    pub by: Time,
}

impl fmt::Display for Jump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.back { '-' } else { '+' }, self.by)
    }
}

impl Serialize for Jump {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Jump {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (back, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
            (Some(rest), _) => (false, rest),
            (None, Some(rest)) => (true, rest),
            (None, None) => {
                return Err(D::Error::custom(format!("`{text}` has no direction; write \"+{text}\" or \"-{text}\"")));
            }
        };
        Ok(Self { back, by: Time::parse(rest).map_err(D::Error::custom)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_people_write() {
        assert_eq!(Time::parse("5min"), Ok(Time::seconds(300)));
        assert_eq!(Time::parse(" 1h 30min "), Ok(Time::seconds(5_400)));
        assert_eq!(Time::parse("2d3ms"), Ok(Time::millis(172_800_003)));
        for wrong in ["", "5", "5m", "min", "1.5s", "-3s", "99999999999999999999s", "300000000000000000d"] {
            assert!(Time::parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_time_reads_back(ms in any::<u64>()) {
            prop_assert_eq!(Time::parse(&Time::millis(ms).to_string()), Ok(Time::millis(ms)));
        }
    }
}
