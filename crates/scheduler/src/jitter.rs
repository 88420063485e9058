use std::{fmt, time::Duration};

use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// The one source of randomness: seeded, and the same on every platform for the same seed.
///
/// Good enough to spread things, and no source of secrets: who sees enough of what it gave can tell what comes next.
/// `Debug` shows nothing of its state.
#[derive(Clone)]
pub struct Jitter(Pcg64Mcg);

impl Jitter {
    /// A source for this seed.
    #[must_use]
    pub fn seeded(seed: [u8; 16]) -> Self {
        Self(Pcg64Mcg::from_seed(seed))
    }

    /// Any number.
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A time between zero and `most`, both included, evenly spread, in whole milliseconds.
    pub fn up_to(&mut self, most: Duration) -> Duration {
        let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        if most == 0 {
            return Duration::ZERO;
        }
        // The bias of a remainder is below one in a million for anything shorter than half a century.
        Duration::from_millis(self.next_u64() % most.saturating_add(1).max(1))
    }

    /// Equal jitter: half of `whole`, and up to the other half.
    pub fn equal(&mut self, whole: Duration) -> Duration {
        let half = whole / 2;
        half + self.up_to(whole - half)
    }
}

impl fmt::Debug for Jitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jitter").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let draw = |seed: u8| {
            let mut jitter = Jitter::seeded([seed; 16]);
            [jitter.next_u64(), jitter.next_u64()]
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn equal_jitter_stays_in_the_upper_half_and_reaches_both_quarters() {
        let mut jitter = Jitter::seeded([3; 16]);
        let whole = Duration::from_secs(30);
        let drawn: Vec<_> = (0..200).map(|_| jitter.equal(whole)).collect();
        assert!(drawn.iter().all(|d| *d >= whole / 2 && *d <= whole));
        assert!(drawn.iter().any(|d| *d < whole * 5 / 8) && drawn.iter().any(|d| *d > whole * 7 / 8));
    }
}
