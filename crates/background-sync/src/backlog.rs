use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How many of something are on their way between two threads.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    count: Mutex<usize>,
    fewer: Condvar,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub(crate) struct Counted(Arc<Backlog>);

impl Backlog {
    /// One more is on its way.
    pub(crate) fn count(this: &Arc<Self>) -> Counted {
        // nothing panics while it holds the lock
        *this.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Counted(Arc::clone(this))
    }

    /// Waits until there are at most `most`, and no longer than `patience`. Says whether there are.
    pub(crate) fn wait(&self, most: usize, patience: Duration) -> bool {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.fewer.wait_timeout_while(count, patience, |count| *count > most);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        *self.0.count.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.fewer.notify_all();
    }
}
