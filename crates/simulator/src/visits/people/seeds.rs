//! The seeds of the study. They are published before anything predicts, and are not changed after.

use std::ops::RangeInclusive;

/// Constants of a policy are chosen with these.
pub const TUNING: RangeInclusive<u64> = 5_001..=5_060;
/// What is reported, and what the goals are held against.
pub const REPORTING: RangeInclusive<u64> = 20_001..=20_300;
/// Looked at once, after the last change.
pub const HOLD_OUT: RangeInclusive<u64> = 40_001..=40_300;
