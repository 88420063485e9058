use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use redb::StorageBackend;

use crate::layer::{Layer, Layered};

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
    pub(crate) fn over(file: Box<dyn StorageBackend>, failures: SyncFailures) -> Layered<Self> {
        Layered(Self { file, failures })
    }
}

impl Layer for Watched {
    fn file(&self) -> &dyn StorageBackend {
        &*self.file
    }

    fn sync_data(&self) -> io::Result<()> {
        self.failures.noting(self.file.sync_data())
    }
}
