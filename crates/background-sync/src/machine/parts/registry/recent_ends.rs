#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use background_sync_registration::{MonotonicTime, Tag, memory};
use rustc_hash::FxHashMap;

/// When events of a worker's tags last ended, for a second.
#[derive(Debug, Default)]
pub(in crate::machine) struct RecentEnds {
    /// Pages choose tags, but no more of them than a worker may register in a second: a quick hash will do.
    at: FxHashMap<Tag, MonotonicTime>,
    in_order: VecDeque<(MonotonicTime, Tag)>,
}

impl RecentEnds {
    pub(in crate::machine) fn note(&mut self, tag: &Tag, now: MonotonicTime, keep: Duration) {
        while self.in_order.front().is_some_and(|(at, _)| now.since(*at) > keep) {
            if let Some((at, old)) = self.in_order.pop_front()
                && self.at.get(&old) == Some(&at)
            {
                self.at.remove(&old);
            }
        }
        self.at.insert(tag.clone(), now);
        self.in_order.push_back((now, tag.clone()));
    }

    pub(in crate::machine) fn get(&self, tag: &Tag) -> Option<MonotonicTime> {
        if self.at.is_empty() { None } else { self.at.get(tag).copied() }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let tags: usize = self.in_order.iter().map(|(_, tag)| tag.heap_bytes()).sum();
        memory::of_map(&self.at) + memory::of_deque(&self.in_order) + tags
    }
}
