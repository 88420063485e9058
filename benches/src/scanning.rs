use std::collections::BTreeMap;

use crate::TAGS_PER_WORKER;

/// A model of the way Chromium does it, for comparison: no index of what is due, so every attempt to fire
/// and every choice of the next wake-up looks at all registrations; and no record of its own for a
/// registration, so every change writes all tags of the worker again.
///
/// A lower bound: nothing but the looking and the encoding is modelled, and it looks less often.
#[derive(Debug)]
pub struct Scanning {
    workers: Vec<BTreeMap<String, Row>>,
    calls: u64,
}

/// What it remembers of a registration.
#[derive(Clone, Copy, Debug)]
struct Row {
    firing: bool,
    attempts: u32,
    /// Milliseconds.
    not_before: u64,
}

const WAITING: Row = Row { firing: false, attempts: 1, not_before: 1_000_000 };
const PENDING: Row = Row { firing: false, attempts: 0, not_before: 0 };

impl Scanning {
    /// So many registrations that wait, a thousand a worker.
    #[must_use]
    pub fn new(registrations: u64) -> Self {
        let rows = || (0..TAGS_PER_WORKER).map(|number| (format!("outbox message {number:05}"), WAITING)).collect();
        Self { workers: (0..registrations.div_ceil(TAGS_PER_WORKER)).map(|_| rows()).collect(), calls: 0 }
    }

    /// One of the workers; the next call gives another one.
    #[must_use]
    pub fn some_worker(&mut self) -> usize {
        self.calls += 1;
        (self.calls.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize % self.workers.len()
    }

    /// A new tag: written, and the wake-up chosen.
    #[must_use]
    pub fn register(&mut self, worker: usize) -> (Vec<u8>, u64) {
        self.workers[worker].insert("new tag".to_owned(), PENDING);
        (self.written(worker), self.soonest())
    }

    /// The tag is found, marked as firing, written, and the next wake-up chosen.
    #[must_use]
    pub fn fire(&mut self, worker: usize) -> (usize, Vec<u8>, u64) {
        let due = self.due(0);
        if let Some(row) = self.workers[worker].get_mut("new tag") {
            row.firing = true;
            row.attempts += 1;
        }
        (due, self.written(worker), self.soonest())
    }

    /// The tag is taken out, the rest written, and the next one to fire looked for.
    #[must_use]
    pub fn complete(&mut self, worker: usize) -> (Vec<u8>, usize, u64) {
        self.workers[worker].remove("new tag");
        (self.written(worker), self.due(0), self.soonest())
    }

    /// How many are due.
    #[must_use]
    pub fn due(&self, now: u64) -> usize {
        self.rows().filter(|row| !row.firing && row.not_before <= now).count()
    }

    /// The next wake-up.
    #[must_use]
    pub fn soonest(&self) -> u64 {
        self.rows().filter(|row| !row.firing).map(|row| row.not_before).min().unwrap_or(u64::MAX)
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.workers.iter().flat_map(BTreeMap::values)
    }

    fn written(&self, worker: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (tag, row) in &self.workers[worker] {
            bytes.push(u8::try_from(tag.len()).unwrap_or(u8::MAX));
            bytes.extend_from_slice(tag.as_bytes());
            bytes.push(row.firing.into());
            bytes.extend_from_slice(&row.attempts.to_le_bytes());
            bytes.extend_from_slice(&row.not_before.to_le_bytes());
        }
        bytes
    }
}
