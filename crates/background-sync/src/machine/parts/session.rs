//! Numbers that no other session gives.

use std::hash::Hasher as _;

use background_sync_registration::WallTime;
use siphasher::sip::SipHasher13;

/// Which session it is, as far as numbers show: their upper half.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::machine) struct Session(u64);

impl Session {
    /// By a key made of the machine's seed, and the moment at which its store was read. Nothing is drawn for it.
    pub(in crate::machine) fn of(key: [u64; 2], read_at: WallTime) -> Self {
        let mut hasher = SipHasher13::new_with_keys(key[0], key[1]);
        hasher.write(&read_at.unix_ms().to_le_bytes());
        Self(hasher.finish() >> 32 << 32)
    }

    /// The number before its first one.
    pub(in crate::machine) fn before_the_first(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_differ_by_seed_and_by_time() {
        let at = WallTime::from_unix_ms;
        let numbers = [(1, 0), (1, 1), (2, 0)].map(|(key, ms)| Session::of([key, 0], at(ms)).before_the_first());
        assert!(numbers[0] != numbers[1] && numbers[0] != numbers[2], "{numbers:?}");
        assert!(numbers.iter().all(|number| number & u64::from(u32::MAX) == 0), "room for a counter");
        assert_eq!(Session::of([1, 0], at(7)), Session::of([1, 0], at(7)));
    }
}
