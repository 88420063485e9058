//! The last things that happened, for people.

use std::collections::VecDeque;
use std::time::Duration;

use background_sync_policy::{Origin, Partition};
use background_sync_scheduler::SyncParameters;
use rustc_hash::FxHashMap;

use crate::{EventName, LogEntry, MetadataName};

/// An equal entry this near to the end of the log is counted and not repeated.
const NEAR: usize = 16;

/// The last entries, bounded by number, age and each origin's share (invariant I17).
#[derive(Debug)]
pub(in crate::machine) struct Log {
    entries: VecDeque<LogEntry>,
    /// How many of them are about an origin. Pages choose origins, but no more of them than there are entries, so a
    /// quick hash will do.
    about: FxHashMap<(Partition, Origin), usize>,
    max_entries: usize,
    max_entries_per_origin: usize,
    max_age: Duration,
}

impl Log {
    pub(in crate::machine) fn new(params: &SyncParameters) -> Self {
        Self {
            entries: VecDeque::new(),
            about: FxHashMap::default(),
            max_entries: params.max_log_entries,
            max_entries_per_origin: params.max_log_entries_per_origin,
            max_age: params.max_log_age,
        }
    }

    /// Takes an entry in, and gives it as it stands in the log: with a count, if it is an old story.
    pub(in crate::machine) fn push(&mut self, mut entry: LogEntry) -> &LogEntry {
        if may_repeat(entry.event)
            && let Some(before) = self.take_equal(&entry)
        {
            let count = 1 + count_of(&before);
            entry.metadata.push((MetadataName::Count, count.to_string()));
        }
        let now = entry.at;
        if let Some(site) = site_of(&entry) {
            let about = self.about.entry(site.clone()).or_default();
            *about += 1;
            if *about > self.max_entries_per_origin {
                self.drop_oldest_about(&site);
            }
        }
        self.entries.push_back(entry);
        while self.entries.len() > self.max_entries.max(1)
            || self.entries.front().is_some_and(|oldest| now.since(oldest.at) > self.max_age)
        {
            self.take(0);
        }
        &self.entries[self.entries.len() - 1]
    }

    /// Takes a recent entry out that says the same.
    fn take_equal(&mut self, entry: &LogEntry) -> Option<LogEntry> {
        let from = self.entries.len().saturating_sub(NEAR);
        let at = (from..self.entries.len()).rev().find(|at| says_the_same(&self.entries[*at], entry))?;
        self.take(at)
    }

    fn drop_oldest_about(&mut self, site: &(Partition, Origin)) {
        let oldest = self.entries.iter().position(|entry| {
            entry.key.as_ref().is_some_and(|key| key.partition() == site.0 && *key.origin() == site.1)
        });
        if let Some(at) = oldest {
            self.take(at);
        }
    }

    fn take(&mut self, at: usize) -> Option<LogEntry> {
        let entry = self.entries.remove(at)?;
        if let Some(site) = site_of(&entry)
            && let Some(about) = self.about.get_mut(&site)
        {
            *about -= 1;
            if *about == 0 {
                self.about.remove(&site);
            }
        }
        Some(entry)
    }

    pub(in crate::machine) fn entries(&self) -> impl DoubleEndedIterator<Item = &LogEntry> {
        self.entries.iter()
    }

    /// I12: a closed partition leaves no trace here.
    pub(in crate::machine) fn forget(&mut self, partition: Partition) {
        self.entries.retain(|entry| entry.key.as_ref().is_none_or(|key| key.partition() != partition));
        self.about.retain(|(of, _), _| *of != partition);
    }
}

/// What pages and hosts can say as often as they like.
fn may_repeat(event: EventName) -> bool {
    match event {
        EventName::RegistrationRefused | EventName::InputIgnored | EventName::StoreFailed => true,
        EventName::RegisteredSync
        | EventName::DispatchedSyncEvent
        | EventName::SyncEventReregistered
        | EventName::SyncEventFailed
        | EventName::SyncCompleted
        | EventName::ReregisteredSync
        | EventName::SyncEventNotStarted
        | EventName::SyncRetriedEarly
        | EventName::StoreLoaded => false,
    }
}

fn says_the_same(before: &LogEntry, entry: &LogEntry) -> bool {
    let details = before.metadata.iter().filter(|(name, _)| *name != MetadataName::Count);
    let about = |entry: &LogEntry| (entry.event, entry.kind);
    about(before) == about(entry) && before.tag == entry.tag && before.key == entry.key && details.eq(&entry.metadata)
}

fn count_of(entry: &LogEntry) -> u64 {
    let count = entry.metadata.iter().find(|(name, _)| *name == MetadataName::Count);
    count.and_then(|(_, count)| count.parse().ok()).unwrap_or(1)
}

fn site_of(entry: &LogEntry) -> Option<(Partition, Origin)> {
    entry.key.as_ref().map(|key| (key.partition(), key.origin().clone()))
}
