use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use redb::Database;

/// Makes every access to a file fail from some moment on.
#[derive(Clone, Debug, Default)]
pub(crate) struct GivenUp(Arc<AtomicBool>);

impl GivenUp {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// An open database, closed when this is dropped.
pub(crate) struct Opened {
    database: Database,
    /// For one that is not written. redb ends its work by writing, and over pages that the system gave up
    /// meanwhile that may panic, and again while it unwinds, which ends the process. Of a database whose file
    /// it cannot reach it does nothing more.
    given_up: Option<GivenUp>,
}

impl Opened {
    pub(crate) fn written(database: Database) -> Self {
        Self { database, given_up: None }
    }

    pub(crate) fn unwritten(database: Database, given_up: GivenUp) -> Self {
        Self { database, given_up: Some(given_up) }
    }
}

impl Deref for Opened {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.database
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        // while a panic unwinds redb writes nothing anyway
        if let Some(given_up) = self.given_up.take().filter(|_| !thread::panicking()) {
            given_up.0.store(true, Ordering::Release);
            // the first thing this does is to sync, which tells redb that the file cannot be reached
            drop(self.database.check_integrity());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{io, sync::atomic::AtomicU64};

    use redb::{StorageBackend, TableDefinition, backends::InMemoryBackend};

    use super::*;
    use crate::{layer::Layered, unwritten::Unwritten};

    /// What a database holds, in memory.
    fn filled() -> InMemoryBackend {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.redb");
        let database = Database::create(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        transaction.open_table(TableDefinition::<u64, u64>::new("table")).unwrap().insert(1, 2).unwrap();
        transaction.commit().unwrap();
        drop(database);
        let (bytes, backend) = (std::fs::read(&path).unwrap(), InMemoryBackend::new());
        backend.set_len(bytes.len() as u64).unwrap();
        backend.write(0, &bytes).unwrap();
        backend
    }

    /// Counts what is written.
    #[derive(Debug)]
    struct Counting(Layered<Unwritten>, Arc<AtomicU64>);

    impl StorageBackend for Counting {
        fn len(&self) -> io::Result<u64> {
            self.0.len()
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            self.0.read(offset, out)
        }

        fn set_len(&self, len: u64) -> io::Result<()> {
            self.0.set_len(len)
        }

        fn sync_data(&self) -> io::Result<()> {
            self.0.sync_data()
        }

        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.write(offset, data)
        }
    }

    #[test]
    fn redb_does_no_work_when_a_database_is_closed_that_is_not_written() {
        let (given_up, writes) = (GivenUp::default(), Arc::new(AtomicU64::new(0)));
        let file = Counting(Unwritten::over(Box::new(filled()), given_up.clone()), writes.clone());
        let database = Database::builder().set_check_integrity_on_open(true).create_with_backend(file).unwrap();
        let when_open = writes.load(Ordering::Relaxed);
        assert!(when_open > 0, "a check of everything writes what it found");
        drop(Opened::unwritten(database, given_up));
        assert_eq!(writes.load(Ordering::Relaxed), when_open);
    }
}
