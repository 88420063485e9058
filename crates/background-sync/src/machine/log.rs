use std::collections::VecDeque;
use std::time::Duration;

use background_sync_policy::{Partition, RegistrationKey};
use background_sync_registration::{Sequence, Tag};

use super::Machine;
use crate::{EventName, LogEntry, MetadataName, Output};

/// The last entries, bounded by number and age.
#[derive(Debug)]
pub(super) struct Log {
    entries: VecDeque<LogEntry>,
    max_entries: usize,
    max_age: Duration,
}

impl Log {
    pub(super) fn new(max_entries: usize, max_age: Duration) -> Self {
        Self { entries: VecDeque::new(), max_entries, max_age }
    }

    fn push(&mut self, entry: LogEntry) {
        let now = entry.at;
        self.entries.push_back(entry);
        while self.entries.len() > self.max_entries
            || self.entries.front().is_some_and(|oldest| now.since(oldest.at) > self.max_age)
        {
            self.entries.pop_front();
        }
    }

    pub(super) fn entries(&self) -> impl DoubleEndedIterator<Item = &LogEntry> {
        self.entries.iter()
    }

    /// I12: a closed partition leaves no trace here.
    pub(super) fn forget(&mut self, partition: Partition) {
        self.entries.retain(|entry| entry.key.as_ref().is_none_or(|key| key.partition() != partition));
    }
}

/// What an event is about.
pub(super) struct About<'a> {
    pub(super) key: &'a RegistrationKey,
    pub(super) tag: &'a Tag,
    pub(super) instance: Option<Sequence>,
}

impl Machine {
    pub(super) fn report(&mut self, about: About<'_>, event: EventName, metadata: Vec<(MetadataName, String)>) {
        let key = Some(about.key.clone());
        let tag = Some(about.tag.clone());
        self.record(LogEntry { at: self.wall(), key, tag, instance: about.instance, event, metadata });
    }

    pub(super) fn report_general(&mut self, event: EventName, metadata: Vec<(MetadataName, String)>) {
        self.record(LogEntry { at: self.wall(), key: None, tag: None, instance: None, event, metadata });
    }

    /// I9: an input that makes no sense is counted, and that is all.
    pub(super) fn ignore(&mut self, reason: &str) {
        self.stats.inputs_ignored += 1;
        self.report_general(EventName::InputIgnored, vec![(MetadataName::Reason, reason.to_owned())]);
    }

    fn record(&mut self, entry: LogEntry) {
        self.log.push(entry.clone());
        self.emit(Output::Event(entry));
    }
}
