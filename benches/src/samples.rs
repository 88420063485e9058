use std::time::Duration;

/// Runs something and says how long it took. What it gives is dropped afterwards.
#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
pub fn time<T>(what: impl FnOnce() -> T) -> Duration {
    let start = std::time::Instant::now();
    let result = what();
    let took = start.elapsed();
    drop(result);
    took
}

/// What [`time`] says of nothing, in nanoseconds: the clock's own cost.
#[must_use]
pub fn clock_cost() -> f64 {
    let mut samples = Samples::default();
    for _ in 0..10_001 {
        samples.add(time(|| ()).as_secs_f64() * 1e9);
    }
    samples.median()
}

/// Figures of one kind.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// One more.
    pub fn add(&mut self, figure: f64) {
        self.0.push(figure);
    }

    /// One more, in milliseconds.
    pub fn add_ms(&mut self, took: Duration) {
        self.add(took.as_secs_f64() * 1e3);
    }

    /// The one in the middle. `NaN` when there is none.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.percentile(50)
    }

    /// The one that so many of a hundred do not exceed. `NaN` when there is none.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        sorted.get((last * percent).div_ceil(100)).copied().unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_figure_that_was_taken() {
        let mut samples = Samples::new();
        assert!(samples.median().is_nan());
        (1..=5).rev().for_each(|figure| samples.add(f64::from(figure)));
        assert!((samples.median() - 3.0).abs() < f64::EPSILON);
        assert!((samples.percentile(95) - 5.0).abs() < f64::EPSILON);
    }
}
