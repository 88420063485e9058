use std::{
    io,
    ops::Bound,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use redb::{BackendError, StorageBackend};

/// Notes that a sync failed: of a file, or of the directory that its name is in.
///
/// No other failure means as much. What a failed write leaves behind is still in the system's memory, and
/// the next sync sees to it; after a failed sync the system may count as written what never was.
#[derive(Clone, Debug, Default)]
pub(crate) struct SyncFailures(Arc<AtomicBool>);

impl SyncFailures {
    /// Passes a sync's outcome on.
    pub(crate) fn noting<T, E>(&self, outcome: Result<T, E>) -> Result<T, E> {
        if outcome.is_err() {
            self.0.store(true, Ordering::Release);
        }
        outcome
    }

    /// Whether one failed since this was asked last.
    pub(crate) fn take(&self) -> bool {
        self.0.swap(false, Ordering::AcqRel)
    }
}

/// A file whose failed syncs are noted, those too that redb says nothing of, as when it closes the file.
#[derive(Debug)]
pub(crate) struct Watched {
    file: Box<dyn StorageBackend>,
    failures: SyncFailures,
}

impl Watched {
    pub(crate) fn new(file: Box<dyn StorageBackend>, failures: SyncFailures) -> Self {
        Self { file, failures }
    }
}

impl StorageBackend for Watched {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.failures.noting(self.file.sync_data())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}
