//! A store that the engine can wait for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use background_sync::{CommitCompletion, LoadCompletion, StoreOp, SyncStore};

/// In virtual time a commit takes no time, however long the disk takes: the clock does not move while one
/// is under way. This wraps a store so that the engine knows when that is, and can wait.
pub(super) struct PatientStore {
    store: Box<dyn SyncStore>,
    under_way: Arc<AtomicUsize>,
    finished: Sender<()>,
}

/// Waits for what is under way.
#[derive(Debug)]
pub(super) struct StoreWatch {
    under_way: Arc<AtomicUsize>,
    finished: Receiver<()>,
}

impl PatientStore {
    pub(super) fn new(store: Box<dyn SyncStore>) -> (Self, StoreWatch) {
        let (sender, finished) = channel();
        let under_way = Arc::default();
        (Self { store, under_way: Arc::clone(&under_way), finished: sender }, StoreWatch { under_way, finished })
    }

    fn begin(&self) -> Sender<()> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        self.finished.clone()
    }
}

impl StoreWatch {
    /// Waits for the next result of the store, if one is to come. Says whether it did.
    pub(super) fn wait(&self) -> bool {
        if self.under_way.load(Ordering::Relaxed) == 0 {
            return false;
        }
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        // A store that vanished has dropped its completions, which are results too.
        self.finished.recv().is_ok()
    }
}

impl SyncStore for PatientStore {
    fn load(&mut self, done: LoadCompletion) {
        let finished = self.begin();
        self.store.load(LoadCompletion::new(move |result| {
            done.finish(result);
            // The engine may be gone: then nobody waits.
            finished.send(()).ok();
        }));
    }

    fn commit(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        let finished = self.begin();
        self.store.commit(
            ops,
            CommitCompletion::new(move |result| {
                done.finish(result);
                // The engine may be gone: then nobody waits.
                finished.send(()).ok();
            }),
        );
    }
}
