use std::fmt;

use crate::Samples;

/// What a line's figures are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Of one operation.
    Nanoseconds,
    /// Of one registration.
    Bytes,
    /// One figure of this run divided by another.
    Times,
}

/// One line of the table.
#[derive(Debug)]
struct Line {
    what: &'static str,
    unit: Unit,
    /// By number of registrations.
    at: Vec<(u64, Samples)>,
}

/// All that was measured in this run, for the table at its end.
#[derive(Debug, Default)]
pub struct Ledger(Vec<Line>);

impl Ledger {
    /// Books one figure.
    pub fn book(&mut self, what: &'static str, unit: Unit, registrations: u64, figure: f64) {
        let line = self.0.iter().position(|line| line.what == what).unwrap_or_else(|| {
            self.0.push(Line { what, unit, at: Vec::new() });
            self.0.len() - 1
        });
        let at = &mut self.0[line].at;
        let size = at.iter().position(|(size, _)| *size == registrations).unwrap_or_else(|| {
            at.push((registrations, Samples::default()));
            at.len() - 1
        });
        at[size].1.add(figure);
    }

    /// Books how many times what `base` takes `what` takes, at each size that both were measured at.
    pub fn compare(&mut self, name: &'static str, what: &str, base: &str) {
        let of = |name: &str| self.0.iter().find(|line| line.what == name);
        let (Some(line), Some(base)) = (of(what), of(base)) else { return };
        let ratios: Vec<_> = line
            .at
            .iter()
            .filter_map(|(size, samples)| {
                let (_, least) = base.at.iter().find(|(other, _)| other == size)?;
                Some((*size, samples.median() / least.median()))
            })
            .collect();
        for (size, ratio) in ratios {
            self.book(name, Unit::Times, size, ratio);
        }
    }
}

impl fmt::Display for Ledger {
    /// Medians at both sizes, and how much more the larger one costs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Line { what, unit, at } in &self.0 {
            write!(f, "{what:<40}")?;
            for (size, samples) in at {
                let median = samples.median();
                match unit {
                    Unit::Nanoseconds => write!(f, " {median:>12.1} ns at {size:>9}")?,
                    Unit::Bytes => write!(f, " {median:>12.1} B  at {size:>9}")?,
                    Unit::Times => write!(f, " {median:>12.2} x  at {size:>9}")?,
                }
            }
            if let ([(_, few), (_, many)], Unit::Nanoseconds | Unit::Bytes) = (at.as_slice(), unit) {
                write!(f, "   x {:.2}", many.median() / few.median())?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_compared_at_the_sizes_they_share() {
        let mut ledger = Ledger::default();
        for (what, size, figure) in [("slow", 10, 6.0), ("slow", 20, 8.0), ("fast", 20, 2.0)] {
            ledger.book(what, Unit::Nanoseconds, size, figure);
        }
        ledger.compare("slow / fast", "slow", "fast");
        let table = ledger.to_string();
        let line = table.lines().find(|line| line.starts_with("slow / fast")).unwrap();
        assert!(line.contains("4.00 x") && !line.contains("at        10"), "{line}");
    }
}
