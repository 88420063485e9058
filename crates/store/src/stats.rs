use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// What a store did since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreStats {
    /// Commits made durable.
    pub commits: u64,
    /// Commits that failed.
    pub failed_commits: u64,
    /// Times the file was opened again, after an I/O error or a panic.
    pub reopened: u64,
    /// Panics below this crate that were caught.
    pub panics_contained: u64,
    /// Records that could not be read and were set aside.
    pub set_aside: u64,
    /// Rows that should have been there and were not.
    pub missing: u64,
    /// Times the whole file was moved aside.
    pub moved_aside: u64,
    /// Times a new file took the old one's place: after a failed sync, or because everything was given anew.
    pub written_anew: u64,
    /// Times that what had been acknowledged was found to be there no more.
    pub contents_lost: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) commits: AtomicU64,
    pub(crate) failed_commits: AtomicU64,
    pub(crate) reopened: AtomicU64,
    pub(crate) panics_contained: AtomicU64,
    pub(crate) set_aside: AtomicU64,
    pub(crate) missing: AtomicU64,
    pub(crate) moved_aside: AtomicU64,
    pub(crate) written_anew: AtomicU64,
    pub(crate) contents_lost: AtomicU64,
}

pub(crate) fn count(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}

/// Reads a store's counters from any thread, also when the store itself was given away or dropped.
#[derive(Clone, Debug, Default)]
pub struct StatsHandle(pub(crate) Arc<Counters>);

impl StatsHandle {
    /// The counters as they are now. What happened before a completion was called is counted.
    #[must_use]
    pub fn read(&self) -> StoreStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        StoreStats {
            commits: read(&self.0.commits),
            failed_commits: read(&self.0.failed_commits),
            reopened: read(&self.0.reopened),
            panics_contained: read(&self.0.panics_contained),
            set_aside: read(&self.0.set_aside),
            missing: read(&self.0.missing),
            moved_aside: read(&self.0.moved_aside),
            written_anew: read(&self.0.written_anew),
            contents_lost: read(&self.0.contents_lost),
        }
    }
}
