use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use background_sync_registration::{MonotonicTime, Tag};

/// When events of a worker's tags last ended, for a second.
#[derive(Debug, Default)]
pub(in crate::machine) struct RecentEnds {
    at: BTreeMap<Tag, MonotonicTime>,
    in_order: VecDeque<(MonotonicTime, Tag)>,
}

impl RecentEnds {
    pub(in crate::machine) fn note(&mut self, tag: &Tag, now: MonotonicTime, keep: Duration) {
        while let Some((at, _)) = self.in_order.front() {
            if now.since(*at) <= keep {
                break;
            }
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
        self.at.get(tag).copied()
    }
}
