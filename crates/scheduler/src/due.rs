use std::collections::BTreeSet;

use background_sync_registration::MonotonicTime;

/// Things by the moment they are due at. What is not due is never looked at.
///
/// The owner keeps each thing's moment in its own state and says both when it takes one out, so the
/// queue cannot disagree silently.
#[derive(Clone, Debug)]
pub struct DueQueue<T> {
    entries: BTreeSet<(MonotonicTime, T)>,
}

impl<T> Default for DueQueue<T> {
    fn default() -> Self {
        Self { entries: BTreeSet::new() }
    }
}

impl<T: Copy + Ord> DueQueue<T> {
    /// Puts `thing` in, due at `at`.
    pub fn insert(&mut self, at: MonotonicTime, thing: T) {
        self.entries.insert((at, thing));
    }

    /// Takes `thing` out again. `false` when it was not in for that moment.
    pub fn remove(&mut self, at: MonotonicTime, thing: T) -> bool {
        self.entries.remove(&(at, thing))
    }

    /// When the first thing is due.
    #[must_use]
    pub fn next_deadline(&self) -> Option<MonotonicTime> {
        self.entries.first().map(|(at, _)| *at)
    }

    /// Takes out the first thing that is due by now.
    pub fn pop_due(&mut self, now: MonotonicTime) -> Option<(MonotonicTime, T)> {
        if self.next_deadline()? > now {
            return None;
        }
        self.entries.pop_first()
    }

    /// How many things are in.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_due_comes_out_in_order_and_the_rest_stays() {
        let at = |s| MonotonicTime::from_start(Duration::from_secs(s));
        let mut queue = DueQueue::default();
        for (s, name) in [(3, 'c'), (1, 'b'), (1, 'a'), (9, 'z')] {
            queue.insert(at(s), name);
        }
        assert!(queue.remove(at(3), 'c') && !queue.remove(at(3), 'c'));
        assert_eq!(queue.next_deadline(), Some(at(1)));
        assert_eq!(
            [queue.pop_due(at(5)), queue.pop_due(at(5)), queue.pop_due(at(5))],
            [Some((at(1), 'a')), Some((at(1), 'b')), None]
        );
        assert_eq!(queue.len(), 1);
    }
}
