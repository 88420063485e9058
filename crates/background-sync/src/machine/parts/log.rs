//! The last things that happened, for people.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use background_sync_policy::Partition;
use background_sync_registration::{Tag, memory};
use background_sync_scheduler::SyncParameters;

use super::sites::{SiteIx, Sites};
use crate::{Detail, EventName, LogEntry};

/// An equal entry this near to the end of the log is counted and not repeated.
const NEAR: usize = 16;

/// The last entries, bounded by number, age and each origin's share (invariant I17).
#[derive(Debug)]
pub(in crate::machine) struct Log {
    entries: VecDeque<Logged>,
    sites: Sites,
    max_entries: usize,
    max_entries_per_origin: usize,
    max_age: Duration,
}

/// An entry, and the origin it is about, if about one.
#[derive(Debug)]
struct Logged {
    entry: Arc<LogEntry>,
    site: Option<SiteIx>,
}

impl Log {
    pub(in crate::machine) fn new(params: &SyncParameters) -> Self {
        Self {
            entries: VecDeque::new(),
            sites: Sites::default(),
            max_entries: params.max_log_entries,
            max_entries_per_origin: params.max_log_entries_per_origin,
            max_age: params.max_log_age,
        }
    }

    /// Takes an entry in, and gives it as it stands in the log: with a count, if it is an old story.
    pub(in crate::machine) fn push(&mut self, mut entry: LogEntry) -> Arc<LogEntry> {
        if may_repeat(entry.event)
            && let Some(before) = self.take_equal(&entry)
        {
            entry.metadata.push(Detail::Count(1 + count_of(&before)));
        }
        let now = entry.at;
        let site = entry.key.as_ref().map(|key| self.sites.add(key));
        if let Some(site) = site
            && self.sites.entries_of(site) > self.max_entries_per_origin
        {
            self.drop_oldest_about(site);
        }
        let entry = Arc::new(entry);
        self.entries.push_back(Logged { entry: entry.clone(), site });
        while self.entries.len() > self.max_entries.max(1)
            || self.entries.front().is_some_and(|oldest| now.since(oldest.entry.at) > self.max_age)
        {
            self.take(0);
        }
        entry
    }

    /// Takes a recent entry out that says the same.
    fn take_equal(&mut self, entry: &LogEntry) -> Option<Arc<LogEntry>> {
        let from = self.entries.len().saturating_sub(NEAR);
        let at = (from..self.entries.len()).rev().find(|at| says_the_same(&self.entries[*at].entry, entry))?;
        self.take(at)
    }

    fn drop_oldest_about(&mut self, site: SiteIx) {
        if let Some(at) = self.entries.iter().position(|logged| logged.site == Some(site)) {
            self.take(at);
        }
    }

    fn take(&mut self, at: usize) -> Option<Arc<LogEntry>> {
        let Logged { entry, site } = if at == 0 { self.entries.pop_front()? } else { self.entries.remove(at)? };
        if let Some(site) = site {
            self.sites.remove(site);
        }
        Some(entry)
    }

    pub(in crate::machine) fn entries(&self) -> impl DoubleEndedIterator<Item = &LogEntry> {
        self.entries.iter().map(|logged| &*logged.entry)
    }

    /// I12: a closed partition leaves no trace here.
    pub(in crate::machine) fn forget(&mut self, partition: Partition) {
        let Self { entries, sites, .. } = self;
        entries.retain(|logged| {
            let stays = logged.entry.key.as_ref().is_none_or(|key| key.partition() != partition);
            if let (false, Some(site)) = (stays, logged.site) {
                sites.remove(site);
            }
            stays
        });
    }

    /// Without the keys, which the registry counts while it has them.
    pub(in crate::machine) fn heap_bytes(&self) -> usize {
        let of_entry = |entry: &LogEntry| {
            let tag = entry.tag.as_ref().map_or(0, Tag::heap_bytes);
            memory::of_shared(size_of::<LogEntry>()) + memory::of_vec(&entry.metadata) + tag
        };
        memory::of_deque(&self.entries) + self.sites.heap_bytes() + self.entries().map(of_entry).sum::<usize>()
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
        | EventName::PeriodicSyncEventEnded
        | EventName::SyncEventNotStarted
        | EventName::SyncRetriedEarly
        | EventName::StoreLoaded => false,
    }
}

fn says_the_same(before: &LogEntry, entry: &LogEntry) -> bool {
    let details = before.metadata.iter().filter(|detail| !matches!(detail, Detail::Count(_)));
    let about = |entry: &LogEntry| (entry.event, entry.kind);
    about(before) == about(entry) && before.tag == entry.tag && before.key == entry.key && details.eq(&entry.metadata)
}

fn count_of(entry: &LogEntry) -> u64 {
    let count =
        entry.metadata.iter().find_map(|detail| if let Detail::Count(count) = detail { Some(*count) } else { None });
    count.unwrap_or(1)
}
