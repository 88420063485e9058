use std::{collections::VecDeque, time::Duration};

use background_sync_registration::{MonotonicTime, memory};

/// So many times in a rolling hour.
///
/// Bounds the early attempts that a returning link gives an origin.
#[derive(Clone, Debug, Default)]
pub struct Allowance {
    /// Oldest first, never more than the allowance.
    used: VecDeque<MonotonicTime>,
}

const HOUR: Duration = Duration::from_secs(3_600);

impl Allowance {
    /// Takes one, if `per_hour` leaves any.
    pub fn take(&mut self, per_hour: u32, now: MonotonicTime) -> bool {
        while self.used.front().is_some_and(|used| now.since(*used) >= HOUR) {
            self.used.pop_front();
        }
        let left = self.used.len() < per_hour as usize;
        if left {
            self.used.push_back(now);
        }
        left
    }

    /// Bytes that it holds on the heap, about.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        memory::of_deque(&self.used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_an_hour_and_one_more_when_the_first_is_an_hour_old() {
        let mut allowance = Allowance::default();
        let at = |s| MonotonicTime::from_start(Duration::from_secs(s));
        let taken = [0, 10, 20, 30, 40, 3_599, 3_600, 3_601].map(|s| allowance.take(4, at(s)));
        assert_eq!(taken, [true, true, true, true, false, false, true, false]);
    }
}
