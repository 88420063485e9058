use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use background_sync::registration::StoredRegistration;
use background_sync::{CommitCompletion, LoadCompletion, StoreContents, StoreFailure, StoreOp, SyncStore};

use super::mirror::{Mirror, Written};
use crate::Rule;

/// What is known of a store, over all processes that open it.
#[derive(Clone, Default)]
pub(crate) struct StoreWatch(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Something was answered.
    answered: Condvar,
}

#[derive(Default)]
struct State {
    mirror: Mirror,
    /// Loads and commits without an answer.
    open: u32,
    /// Which process the store belongs to; what an earlier one says is not heard.
    life: u64,
    /// Whether answers are kept back.
    slow: bool,
    kept_back: Vec<Box<dyn FnOnce() + Send>>,
}

impl StoreWatch {
    /// Whether nothing is on its way, or it is within `patience`. What is kept back is not waited for.
    pub(crate) fn is_quiet(&self, patience: Duration) -> bool {
        let is_open = |state: &mut State| state.open as usize > state.kept_back.len();
        let (mut state, _) =
            self.0.answered.wait_timeout_while(self.lock(), patience, is_open).unwrap_or_else(PoisonError::into_inner);
        !is_open(&mut state)
    }

    /// Whether something has no answer yet, or one that is kept back.
    pub(crate) fn is_open(&self) -> bool {
        self.lock().open > 0
    }

    /// From now on answers are kept back.
    pub(crate) fn be_slow(&self) {
        self.lock().slow = true;
    }

    /// What was kept back is said.
    pub(crate) fn be_quick(&self) {
        let kept_back = {
            let mut state = self.lock();
            state.slow = false;
            std::mem::take(&mut state.kept_back)
        };
        kept_back.into_iter().for_each(|answer| answer());
    }

    /// The process that used the store is gone.
    pub(crate) fn process_died(&self) {
        let mut state = self.lock();
        state.open = 0;
        state.life += 1;
        state.kept_back.clear();
    }

    pub(crate) fn registrations(&self) -> Vec<StoredRegistration> {
        self.lock().mirror.registrations()
    }

    pub(crate) fn take_findings(&self) -> Vec<(Rule, String)> {
        self.lock().mirror.take_findings()
    }

    /// A store that is watched.
    pub(crate) fn around(&self, inner: Box<dyn SyncStore>) -> impl SyncStore + 'static {
        WatchedStore { inner, watch: self.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self) -> u64 {
        let mut state = self.lock();
        state.open += 1;
        state.life
    }

    /// An answer came: it is noted, and handed on now or later.
    fn end(&self, life: u64, note: impl FnOnce(&mut Mirror), hand_on: impl FnOnce() + Send + 'static) {
        let mut state = self.lock();
        if state.life != life {
            return;
        }
        note(&mut state.mirror);
        if state.slow {
            let watch = self.clone();
            state.kept_back.push(Box::new(move || {
                watch.lock().open -= 1;
                hand_on();
            }));
        } else {
            state.open -= 1;
            drop(state);
            hand_on();
        }
        self.0.answered.notify_all();
    }

    fn commit(&self, ops: Vec<StoreOp>, what: Written, done: CommitCompletion) -> (Vec<StoreOp>, CommitCompletion) {
        let (life, watch) = (self.begin(), self.clone());
        self.lock().mirror.begin(ops.clone(), what);
        let done = CommitCompletion::new(move |result| {
            let ended = result.clone();
            watch.end(life, move |mirror| mirror.ended(&ended), move || done.finish(result));
        });
        (ops, done)
    }
}

struct WatchedStore {
    inner: Box<dyn SyncStore>,
    watch: StoreWatch,
}

impl SyncStore for WatchedStore {
    fn load(&mut self, done: LoadCompletion) {
        let (life, watch) = (self.watch.begin(), self.watch.clone());
        // What comes in parts is put together: a host is not asked to be quick here.
        self.inner.load(LoadCompletion::new(move |result: Result<StoreContents, StoreFailure>| {
            let loaded = result.clone();
            let note = move |mirror: &mut Mirror| {
                if let Ok(contents) = &loaded {
                    mirror.loaded(contents);
                }
            };
            watch.end(life, note, move || done.finish(result));
        }));
    }

    fn commit(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        let (ops, done) = self.watch.commit(ops, Written::Changes, done);
        self.inner.commit(ops, done);
    }

    fn rewrite(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        let (ops, done) = self.watch.commit(ops, Written::Everything, done);
        self.inner.rewrite(ops, done);
    }
}
