//! What the machine says: outputs for the host, the log for people, counters for inspectors.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use background_sync_policy::{Partition, RegistrationKey, SyncKind};
use background_sync_registration::{Sequence, Tag, WallTime, memory};
use background_sync_scheduler::SyncParameters;

use super::log::Log;
use crate::machine::Stats;
use crate::{Detail, EventName, Ignored, LogEntry, Output, Reason, Reply, RequestId};

/// What an entry of the log says besides what it is about.
pub(in crate::machine) type Details = Vec<Detail>;

/// What an entry of the log is about.
#[derive(Clone, Copy)]
pub(in crate::machine) struct About<'a> {
    pub(in crate::machine) key: &'a RegistrationKey,
    pub(in crate::machine) kind: SyncKind,
    pub(in crate::machine) tag: &'a Tag,
    pub(in crate::machine) instance: Option<Sequence>,
}

/// Outputs that were not taken yet, the log, the counters.
#[derive(Debug)]
pub(in crate::machine) struct Outbox {
    outputs: VecDeque<Output>,
    log: Log,
    stats: Stats,
}

impl Outbox {
    pub(in crate::machine) fn new(params: &SyncParameters) -> Self {
        Self { outputs: VecDeque::new(), log: Log::new(params), stats: Stats::default() }
    }

    pub(in crate::machine) fn emit(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    pub(in crate::machine) fn reply(&mut self, request: RequestId, reply: Reply) {
        self.emit(Output::Reply { request, reply });
    }

    pub(in crate::machine) fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub(in crate::machine) fn report(&mut self, at: WallTime, about: About<'_>, event: EventName, metadata: Details) {
        let key = Some(about.key.clone());
        let tag = Some(about.tag.clone());
        let kind = Some(about.kind);
        self.record(LogEntry { at, key, kind, tag, instance: about.instance, event, metadata });
    }

    pub(in crate::machine) fn report_general(&mut self, at: WallTime, event: EventName, metadata: Details) {
        self.record(LogEntry { at, key: None, kind: None, tag: None, instance: None, event, metadata });
    }

    /// I9: an input that makes no sense is counted, and that is all.
    pub(in crate::machine) fn ignore(&mut self, at: WallTime, reason: Ignored) {
        self.stats.inputs_ignored += 1;
        self.report_general(at, EventName::InputIgnored, vec![Detail::Reason(Reason::Ignored(reason))]);
    }

    fn record(&mut self, entry: LogEntry) {
        let entry = self.log.push(entry);
        self.emit(Output::Event(entry));
    }

    pub(in crate::machine) fn log(&self) -> impl DoubleEndedIterator<Item = &LogEntry> {
        self.log.entries()
    }

    /// I12: a closed partition leaves no trace here.
    pub(in crate::machine) fn forget(&mut self, partition: Partition) {
        self.log.forget(partition);
    }

    pub(in crate::machine) fn stats(&self) -> Stats {
        self.stats
    }

    pub(in crate::machine) fn visited(&mut self, registrations: usize) {
        self.stats.registrations_visited += registrations as u64;
    }

    pub(in crate::machine) fn visited_origins(&mut self, origins: usize) {
        self.stats.origins_visited += origins as u64;
    }

    pub(in crate::machine) fn dispatched(&mut self) {
        self.stats.events_dispatched += 1;
    }

    pub(in crate::machine) fn commit_sent(&mut self) {
        self.stats.commits += 1;
    }

    pub(in crate::machine) fn commit_failed(&mut self) {
        self.stats.commits_failed += 1;
    }

    pub(in crate::machine) fn network_changed(&mut self) {
        self.stats.network_changes += 1;
    }

    /// Without what the outputs hold that nobody took yet.
    pub(in crate::machine) fn heap_bytes(&self) -> usize {
        memory::of_deque(&self.outputs) + self.log.heap_bytes()
    }
}
