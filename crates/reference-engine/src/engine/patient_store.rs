//! A store that the engine can wait for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use background_sync::{CommitCompletion, LoadCompletion, StoreOp, SyncStore};

/// The longest that the engine waits for a disk, in real time.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// In virtual time a commit takes no time, however long the disk takes: the clock does not move while one
/// is under way. This wraps a store so that the engine knows when that is, and can wait. What the store answers is heard
/// only when the engine waits for it: the same timeline goes the same way on a slow disk and on a fast one.
pub(super) struct PatientStore {
    store: Box<dyn SyncStore>,
    asked: Arc<Asked>,
    finished: Sender<Heard>,
}

/// An answer of the store, on its way to background sync.
type Heard = Box<dyn FnOnce() + Send>;

/// What the store was asked for.
#[derive(Debug, Default)]
struct Asked {
    /// Loads and commits whose end nobody has seen.
    under_way: AtomicUsize,
    commits: AtomicUsize,
    operations: AtomicUsize,
}

/// Waits for what is under way, and counts it.
#[derive(Debug)]
pub(super) struct StoreWatch {
    asked: Arc<Asked>,
    finished: Receiver<Heard>,
}

/// What came of waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waited {
    /// Nothing was under way.
    Idle,
    /// Something has ended.
    Finished,
    /// The disk does not answer.
    Hung,
}

impl PatientStore {
    pub(super) fn new(store: Box<dyn SyncStore>) -> (Self, StoreWatch) {
        let (sender, finished) = channel();
        let asked = Arc::<Asked>::default();
        (Self { store, asked: Arc::clone(&asked), finished: sender }, StoreWatch { asked, finished })
    }

    fn begin(&self) -> Sender<Heard> {
        self.asked.under_way.fetch_add(1, Ordering::Relaxed);
        self.finished.clone()
    }

    /// Counts something to write, and lets its end be heard when the engine waits.
    fn asked_to_write(&self, operations: usize, done: CommitCompletion) -> CommitCompletion {
        self.asked.commits.fetch_add(1, Ordering::Relaxed);
        self.asked.operations.fetch_add(operations, Ordering::Relaxed);
        let finished = self.begin();
        CommitCompletion::new(move |result| {
            // The engine may be gone: then nobody waits.
            finished.send(Box::new(move || done.finish(result))).ok();
        })
    }
}

impl StoreWatch {
    /// Waits for the next result of the store, if one is to come.
    pub(super) fn wait(&self) -> Waited {
        if !self.is_under_way() {
            return Waited::Idle;
        }
        if self.pause(PATIENCE) { Waited::Finished } else { Waited::Hung }
    }

    /// Whether something was asked for whose end nobody has seen.
    pub(super) fn is_under_way(&self) -> bool {
        self.asked.under_way.load(Ordering::Relaxed) > 0
    }

    /// Waits until something ends, but not longer than `longest`. Says whether something did.
    pub(super) fn pause(&self, longest: Duration) -> bool {
        match self.finished.recv_timeout(longest) {
            Ok(result) => {
                result();
                self.asked.under_way.fetch_sub(1, Ordering::Relaxed);
                true
            }
            Err(RecvTimeoutError::Timeout) => false,
            // The store is gone with all it had under way; there is nothing left but time.
            Err(RecvTimeoutError::Disconnected) => {
                self.asked.under_way.store(0, Ordering::Relaxed);
                std::thread::sleep(longest);
                false
            }
        }
    }

    /// Commits that were asked for, and operations in them.
    pub(super) fn counts(&self) -> (u64, u64) {
        let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed) as u64;
        (count(&self.asked.commits), count(&self.asked.operations))
    }
}

impl SyncStore for PatientStore {
    fn load(&mut self, done: LoadCompletion) {
        let finished = self.begin();
        self.store.load(LoadCompletion::new(move |result| {
            // The engine may be gone: then nobody waits.
            finished.send(Box::new(move || done.finish(result))).ok();
        }));
    }

    fn commit(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        let done = self.asked_to_write(ops.len(), done);
        self.store.commit(ops, done);
    }

    fn rewrite(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        let done = self.asked_to_write(ops.len(), done);
        self.store.rewrite(ops, done);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps what it is given and never ends it.
    struct Stuck(Vec<CommitCompletion>);

    impl SyncStore for Stuck {
        fn load(&mut self, _: LoadCompletion) {}

        fn commit(&mut self, _: Vec<StoreOp>, done: CommitCompletion) {
            self.0.push(done);
        }

        fn rewrite(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
            self.commit(ops, done);
        }
    }

    #[test]
    fn a_pause_ends_without_the_store() {
        let (mut store, watch) = PatientStore::new(Box::new(Stuck(Vec::new())));
        assert_eq!(watch.wait(), Waited::Idle);
        store.commit(Vec::new(), CommitCompletion::new(drop));
        assert!(!watch.pause(Duration::from_millis(1)));
        assert_eq!(watch.counts(), (1, 0));
    }

    /// Ends everything at once.
    struct Quick;

    impl SyncStore for Quick {
        fn load(&mut self, _: LoadCompletion) {}

        fn commit(&mut self, _: Vec<StoreOp>, done: CommitCompletion) {
            done.finish(Ok(()));
        }

        fn rewrite(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
            self.commit(ops, done);
        }
    }

    #[test]
    fn what_a_quick_store_answers_is_heard_when_it_is_waited_for() {
        let (mut store, watch) = PatientStore::new(Box::new(Quick));
        let heard = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&heard);
        store.commit(
            Vec::new(),
            CommitCompletion::new(move |_| {
                count.fetch_add(1, Ordering::Relaxed);
            }),
        );
        assert_eq!(heard.load(Ordering::Relaxed), 0);
        assert_eq!(watch.wait(), Waited::Finished);
        assert_eq!(heard.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn dropped_completions_are_ends_too() {
        let (mut store, watch) = PatientStore::new(Box::new(Stuck(Vec::new())));
        store.load(LoadCompletion::new(drop));
        assert_eq!(watch.wait(), Waited::Finished);
        store.commit(Vec::new(), CommitCompletion::new(drop));
        drop(store);
        assert_eq!(watch.wait(), Waited::Finished);
        assert_eq!(watch.wait(), Waited::Idle);
    }
}
