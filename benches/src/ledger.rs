use std::fmt;
use std::time::Duration;

/// Runs something and says how long it took.
#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
pub fn time<T>(what: impl FnOnce() -> T) -> Duration {
    let start = std::time::Instant::now();
    let result = what();
    let took = start.elapsed();
    drop(result);
    took
}

/// One line's samples.
#[derive(Debug)]
pub struct Measured {
    what: &'static str,
    registrations: u64,
    /// Nanoseconds an operation took on average, sample by sample.
    samples: Vec<f64>,
}

impl Measured {
    fn median(&self) -> f64 {
        let mut samples = self.samples.clone();
        samples.sort_by(f64::total_cmp);
        samples.get(samples.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// All that was measured in this run, for the table at its end.
#[derive(Debug, Default)]
pub struct Ledger(Vec<Measured>);

impl Ledger {
    /// Books one sample.
    pub fn book(&mut self, what: &'static str, registrations: u64, times: u64, took: Duration) {
        let sample = took.as_secs_f64() * 1e9 / times as f64;
        match self.0.iter_mut().find(|line| line.what == what && line.registrations == registrations) {
            Some(line) => line.samples.push(sample),
            None => self.0.push(Measured { what, registrations, samples: vec![sample] }),
        }
    }
}

impl fmt::Display for Ledger {
    /// What was measured, at both sizes, and how much more the larger one costs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: Vec<_> = self.0.iter().collect();
        lines.sort_by_key(|line| (line.what, line.registrations));
        for pair in lines.chunk_by(|a, b| a.what == b.what) {
            write!(f, "{:<32}", pair[0].what)?;
            for line in pair {
                write!(f, " {:>12.0} ns at {:>9}", line.median(), line.registrations)?;
            }
            if let [few, many] = pair {
                write!(f, "   x {:.2}", many.median() / few.median())?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
