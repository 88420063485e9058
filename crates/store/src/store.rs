use std::{
    fmt,
    path::PathBuf,
    sync::mpsc::{Sender, channel},
    thread::{self, JoinHandle},
};

use background_sync::{CommitCompletion, LoadCompletion, StoreOp, SyncStore};

use crate::{
    OpenError, StatsHandle, StoreReport, StoreStats,
    files::SystemFiles,
    place::Place,
    teller::Sink,
    worker::{Job, Worker},
};

/// A [`SyncStore`] in one file.
///
/// The file is read and written by a thread of its own, which calls the completions. Dropping the store
/// waits until what was asked of it is done and the file is closed.
pub struct RedbStore {
    /// `None` only while being dropped.
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    stats: StatsHandle,
}

impl RedbStore {
    /// Opens the store at `path`. A file that is missing or empty becomes a new store; a damaged one is
    /// moved aside and what can be read of it taken over. Blocks until that is done.
    ///
    /// `report` is called on the store's thread, during this call too, and should return soon. What
    /// it is told is counted in [`StoreStats`] as well.
    ///
    /// # Errors
    /// See [`OpenError`]. The file is where it was then, and its records are as they were.
    pub fn open(path: impl Into<PathBuf>, report: impl FnMut(StoreReport) + Send + 'static) -> Result<Self, OpenError> {
        Self::open_place(Place::at(path.into(), Box::new(SystemFiles)), Box::new(report))
    }

    pub(crate) fn open_place(place: Place, sink: Sink) -> Result<Self, OpenError> {
        let stats = StatsHandle::default();
        let counters = stats.0.clone();
        let path = place.path.clone();
        let (jobs, received) = channel();
        let (opened, answer) = channel();
        let work = move || match Worker::open(place, sink, counters) {
            Ok(worker) => {
                if opened.send(Ok(())).is_ok() {
                    worker.run(&received);
                }
            }
            // nobody waits any more if this cannot be sent
            Err(error) => drop(opened.send(Err(error))),
        };
        let failed = |why: String| OpenError::Failed { path, why };
        let thread = match thread::Builder::new().name("background-sync-store".into()).spawn(work) {
            Ok(thread) => thread,
            Err(error) => return Err(failed(format!("no thread could be started for it: {error}"))),
        };
        match answer.recv() {
            Ok(Ok(())) => Ok(Self { jobs: Some(jobs), thread: Some(thread), stats }),
            Ok(Err(error)) => {
                // the lock on the file, if it had one, is gone when this returns
                drop(thread.join());
                Err(error)
            }
            Err(_) => Err(failed("its thread ended without a word".into())),
        }
    }

    /// What this store did so far.
    #[must_use]
    pub fn stats(&self) -> StoreStats {
        self.stats.read()
    }

    /// A handle to the same numbers, to keep when the store is given to a driver.
    #[must_use]
    pub fn stats_handle(&self) -> StatsHandle {
        self.stats.clone()
    }

    /// Hands a job over. If the thread is gone the completion goes with the job, and its drop says so.
    fn send(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            drop(jobs.send(job));
        }
    }
}

impl SyncStore for RedbStore {
    fn load(&mut self, done: LoadCompletion) {
        self.send(Job::Load(done));
    }

    fn commit(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        self.send(Job::Commit(ops, done));
    }

    fn rewrite(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        self.send(Job::Rewrite(ops, done));
    }
}

impl Drop for RedbStore {
    fn drop(&mut self) {
        drop(self.jobs.take());
        // a completion may drop the store on its own thread, which cannot wait for itself
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != thread::current().id()) {
            drop(thread.join());
        }
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
