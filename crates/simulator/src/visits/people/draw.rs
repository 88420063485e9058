//! Where a study's chance comes from: SplitMix64, and the distributions that people are made of.

use std::f64::consts::TAU;

/// Beyond so many standard deviations a normal draw is drawn again.
const CUT: f64 = 3.0;
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// A source of draws, the same for ever for a seed: people are named by their seeds.
///
/// Logarithm and cosine are not the platform's, so that people are the same on every machine.
#[derive(Clone, Debug)]
pub(in crate::visits) struct Draw {
    state: u64,
    /// What every normal spread is multiplied by.
    spread: f64,
}

impl Draw {
    /// `spread` multiplies the standard deviation of every normal draw; 1 is the study's own.
    pub(in crate::visits) fn seeded(seed: u64, spread: f64) -> Self {
        let mut draw = Self { state: seed.wrapping_mul(GOLDEN) ^ 0xD1B5_4A32_D192_ED03, spread };
        draw.bits();
        draw.bits();
        draw
    }

    const fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// One of 0 to `n` - 1. `n` is small and not 0.
    pub(super) const fn below(&mut self, n: u32) -> i64 {
        (self.bits() % n as u64) as i64
    }

    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform.
    pub(in crate::visits) fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.unit()
    }

    /// True with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Normal, but never further from the mean than three standard deviations.
    pub(super) fn around(&mut self, mean: f64, deviation: f64) -> f64 {
        loop {
            let radius = (-2.0 * libm::log(1.0 - self.unit())).sqrt();
            let drawn = radius * libm::cos(TAU * self.unit());
            if drawn.abs() <= CUT {
                return mean + deviation * self.spread * drawn;
            }
        }
    }

    /// Exponential.
    pub(super) fn wait(&mut self, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.unit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_and_another_does_not() {
        let first_of = |seed| Draw::seeded(seed, 1.0).bits();
        assert_eq!(first_of(7), first_of(7));
        assert_ne!(first_of(7), first_of(8));
    }

    #[test]
    fn draws_have_the_mean_and_the_spread_asked_for() {
        let mut draw = Draw::seeded(1, 2.0);
        let drawn: Vec<f64> = (0..20_000).map(|_| draw.around(100.0, 10.0)).collect();
        let mean = drawn.iter().sum::<f64>() / 20_000.0;
        let deviation = (drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0).sqrt();
        assert!((mean - 100.0).abs() < 0.5 && (deviation - 19.8).abs() < 0.5, "{mean} {deviation}");
        assert!(drawn.iter().all(|x| (x - 100.0).abs() <= 60.0));
        let waits = (0..20_000).map(|_| draw.wait(50.0)).sum::<f64>() / 20_000.0;
        assert!((waits - 50.0).abs() < 1.5, "{waits}");
    }
}
