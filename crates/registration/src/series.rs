/// What one attempt cost its series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Charge {
    /// It counts against the attempt cap.
    Charged,
    /// It does not: the attempt was cut short by something the worker could not help.
    Free,
}

/// The attempts made for one promise, from a registration to its fulfilment or exhaustion.
///
/// Registering again while an attempt runs or a back-off lasts begins a new series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Series {
    /// Attempts that count.
    pub attempts: u32,
    /// Free outcomes since the last one that counted.
    pub free_in_a_row: u32,
    /// Free outcomes in all. Bounded as those in a row are, so that nothing makes a series endless
    /// (invariant I5).
    pub free_in_all: u32,
}

impl Series {
    /// So many attempts that count, free outcomes since the last of them, and free outcomes in all.
    #[must_use]
    pub const fn new(attempts: u32, free_in_a_row: u32, free_in_all: u32) -> Self {
        Self { attempts, free_in_a_row, free_in_all }
    }

    /// So many attempts, all of which count.
    #[must_use]
    pub const fn charged(attempts: u32) -> Self {
        Self::new(attempts, 0, 0)
    }

    /// Books one attempt.
    pub fn book(&mut self, charge: Charge) {
        match charge {
            Charge::Charged => {
                self.attempts = self.attempts.saturating_add(1);
                self.free_in_a_row = 0;
            }
            Charge::Free => {
                self.free_in_a_row = self.free_in_a_row.saturating_add(1);
                self.free_in_all = self.free_in_all.saturating_add(1);
            }
        }
    }
}
