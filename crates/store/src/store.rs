use std::{fmt, path::PathBuf};

use background_sync::{CommitCompletion, LoadCompletion, StoreOp, SyncStore};

use crate::{
    OpenError, StatsHandle, StoreReport, StoreStats, desk::Hurry, files::SystemFiles, job::Job, on_caller::OnCaller,
    own_thread::OwnThread, place::Place, teller::Sink,
};

/// A [`SyncStore`] in one file.
///
/// There are two ways to open it, and they differ in the thread that writes:
///
/// | | [`open`](Self::open) | [`open_without_thread`](Self::open_without_thread) |
/// |---|---|---|
/// | writes on | a thread of its own | the thread that calls `commit` |
/// | a commit blocks | nobody | its caller, for one sync of the disk, or a few after a fault |
/// | made for | a `Driver` on an engine's own loop | a `BackgroundSyncThread` |
///
/// A `BackgroundSyncThread` has nothing to do for an engine but what the store is to write next, so it may as
/// well write it itself: a durable registration then passes from thread to thread twice, not four times. An
/// engine's loop must not wait for a disk, which may take seconds.
///
/// Dropping the store waits until what was asked of it is done and the file is closed.
pub struct RedbStore {
    hands: Hands,
    hurry: Hurry,
    stats: StatsHandle,
}

/// Who does what the store is asked.
pub(crate) enum Hands {
    OwnThread(OwnThread),
    OnCaller(OnCaller),
}

impl RedbStore {
    /// Opens the store at `path`, with a thread of its own that does what the store is asked and calls the
    /// completions. A file that is missing or empty becomes a new store; a damaged one is moved aside and what
    /// can be read of it taken over. Blocks until that is done.
    ///
    /// `report` is called on the store's thread, during this call too, and should return soon. What
    /// it is told is counted in [`StoreStats`] as well.
    ///
    /// # Errors
    /// See [`OpenError`]. The file is where it was then, and its records are as they were.
    pub fn open(path: impl Into<PathBuf>, report: impl FnMut(StoreReport) + Send + 'static) -> Result<Self, OpenError> {
        Self::open_place(Place::at(path.into(), Box::new(SystemFiles)), Box::new(report))
    }

    /// The same without a thread: `commit` and `rewrite` write, sync and call their completions before they return.
    ///
    /// Meanwhile the thread that calls them does nothing else: most often for one sync of the disk, a fraction of
    /// a millisecond to some ten; on a disk that is busy or fails it may be seconds. With a `BackgroundSyncThread`
    /// that is the machine's own thread. Calls of pages wait in its queue as long as they would wait for the commit, and
    /// events that run are not held up; what is late is what the machine says next. The engine's threads never wait.
    ///
    /// A load is long, so it has a thread for as long as it takes, and hands over what it reads from there. A
    /// commit before its end waits for it.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn open_without_thread(
        path: impl Into<PathBuf>,
        report: impl FnMut(StoreReport) + Send + 'static,
    ) -> Result<Self, OpenError> {
        Self::open_place_without_thread(Place::at(path.into(), Box::new(SystemFiles)), Box::new(report))
    }

    pub(crate) fn open_place(place: Place, sink: Sink) -> Result<Self, OpenError> {
        let (stats, hurry) = (StatsHandle::default(), Hurry::default());
        let thread = OwnThread::open(place, sink, stats.0.clone(), hurry.clone())?;
        Ok(Self { hands: Hands::OwnThread(thread), hurry, stats })
    }

    pub(crate) fn open_place_without_thread(place: Place, sink: Sink) -> Result<Self, OpenError> {
        let (stats, hurry) = (StatsHandle::default(), Hurry::default());
        let desk = OnCaller::open(place, sink, stats.0.clone(), hurry.clone())?;
        Ok(Self { hands: Hands::OnCaller(desk), hurry, stats })
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

    /// Has a job done. If nobody is left to do it the completion goes with the job, and its drop says so.
    fn give(&mut self, job: Job) {
        match &mut self.hands {
            Hands::OwnThread(thread) => thread.give(job),
            Hands::OnCaller(desk) => desk.give(job),
        }
    }
}

impl SyncStore for RedbStore {
    fn load(&mut self, done: LoadCompletion) {
        self.give(Job::Load(done));
    }

    fn commit(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        self.give(Job::Commit(ops, done));
    }

    fn rewrite(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        self.give(Job::Rewrite(ops, done));
    }
}

impl Drop for RedbStore {
    fn drop(&mut self) {
        // whoever drops it takes up nothing more
        self.hurry.set(true);
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
