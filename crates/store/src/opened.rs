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
