use std::collections::BTreeSet;
use std::hash::Hash;

use background_sync_registration::MonotonicTime;
use rustc_hash::FxHashMap;

/// Things by the moment they are due at. What is not due is never looked at.
///
/// A thing has one moment or none, so setting a new one ends the old one: there is no stale timer.
#[derive(Clone, Debug)]
pub struct DueQueue<T> {
    in_order: BTreeSet<(MonotonicTime, T)>,
    /// The same entries by thing. Things are numbers of ours, which no page chooses, so a quick hash will do.
    moments: FxHashMap<T, MonotonicTime>,
}

impl<T> Default for DueQueue<T> {
    fn default() -> Self {
        Self { in_order: BTreeSet::new(), moments: FxHashMap::default() }
    }
}

impl<T: Copy + Ord + Hash> DueQueue<T> {
    /// Makes `thing` due at `at`, and at no other moment.
    pub fn set(&mut self, thing: T, at: MonotonicTime) {
        match self.moments.insert(thing, at) {
            Some(before) if before == at => {}
            Some(before) => {
                self.in_order.remove(&(before, thing));
                self.in_order.insert((at, thing));
            }
            None => {
                self.in_order.insert((at, thing));
            }
        }
    }

    /// Takes `thing` out. `false` when it was not in.
    pub fn cancel(&mut self, thing: T) -> bool {
        match self.moments.remove(&thing) {
            Some(at) => self.in_order.remove(&(at, thing)),
            None => false,
        }
    }

    /// Whether `thing` is in.
    #[must_use]
    pub fn contains(&self, thing: T) -> bool {
        self.moments.contains_key(&thing)
    }

    /// When the first thing is due.
    #[must_use]
    pub fn next_deadline(&self) -> Option<MonotonicTime> {
        self.in_order.first().map(|(at, _)| *at)
    }

    /// Takes out the first thing that is due by now.
    pub fn pop_due(&mut self, now: MonotonicTime) -> Option<T> {
        if self.next_deadline()? > now {
            return None;
        }
        let (_, thing) = self.in_order.pop_first()?;
        self.moments.remove(&thing);
        Some(thing)
    }

    /// How many things are in.
    #[must_use]
    pub fn len(&self) -> usize {
        self.in_order.len()
    }

    /// Whether nothing is in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.in_order.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> MonotonicTime {
        MonotonicTime::from_start(Duration::from_secs(seconds))
    }

    #[test]
    fn what_is_due_comes_out_in_order_and_the_rest_stays() {
        let mut queue = DueQueue::default();
        for (s, name) in [(3, 'c'), (1, 'b'), (1, 'a'), (9, 'z')] {
            queue.set(name, at(s));
        }
        assert!(queue.cancel('c') && !queue.cancel('c'));
        assert_eq!(queue.next_deadline(), Some(at(1)));
        assert_eq!([queue.pop_due(at(5)), queue.pop_due(at(5)), queue.pop_due(at(5))], [Some('a'), Some('b'), None]);
        assert_eq!(queue.len(), 1);
    }

    #[test]
    fn i8_a_later_moment_replaces_an_earlier_one() {
        let mut queue = DueQueue::default();
        queue.set('a', at(1));
        queue.set('a', at(5));
        assert_eq!(queue.pop_due(at(1)), None);
        assert_eq!(queue.pop_due(at(5)), Some('a'));
        assert!(queue.is_empty());
    }
}
