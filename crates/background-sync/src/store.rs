use std::fmt;

use background_sync_registration::StoredRegistration;
use background_sync_scheduler::StoredBudget;
use serde::{Deserialize, Serialize};

use crate::{LoadCompletion, StoreOp, StoredProfile};

/// Where registrations outlive the process.
///
/// Called from the driver's thread only, which is the machine's. What a method blocks is therefore everything the
/// machine does: calls that wait in its queue, starts, the word that a worker be terminated. On a
/// [`Driver`](crate::Driver) it is the engine's own loop as well. There a store that touches a disk has a thread of its own
/// and calls the completions from it.
///
/// With a `BackgroundSyncThread` nobody but the machine waits, and it has little to do before a commit is durable,
/// so [`Self::commit`] and [`Self::rewrite`] may write and call `done` before they return. What is registered
/// then is durable two changes of thread earlier. It costs that the machine hears of nothing else for one sync of
/// the disk: a millisecond on most, tens on some, and seconds on one that is failing, during which an event may run
/// over its cap by as much. A load takes too long for that; it always has a thread of its own.
///
/// The driver calls `commit` when it has taken in all that was at hand, so that calls which came while a commit
/// blocked it share the next.
pub trait SyncStore: Send {
    /// Reads everything. Called before the first commit, and again only after it failed.
    ///
    /// A large store hands its registrations over in parts, with [`LoadCompletion::rows`], and what is left with
    /// [`LoadCompletion::finish`]. For a small one the latter is enough.
    ///
    /// *Requirements:* damaged records are set aside and counted in [`StoreContents::lost`], never a
    /// reason to fail. Each registration is handed over once, unless the load fails: then what was handed over is
    /// forgotten, and the next load begins anew.
    fn load(&mut self, done: LoadCompletion);

    /// Makes a batch durable, all of it or none.
    ///
    /// *Requirements:* `done` is told of success only when a crash or power cut can no longer undo it.
    /// The next batch comes after `done` was called. Operations of a batch touch different records.
    ///
    /// A failure that names [`StoreFailure::ContentsLost`] says that something acknowledged earlier is gone too;
    /// [`rewrite`](Self::rewrite) follows then.
    fn commit(&mut self, ops: Vec<StoreOp>, done: CommitCompletion);

    /// Replaces everything in the store by what these operations put, durably, all of it or none.
    ///
    /// Called after a commit ended with [`StoreFailure::ContentsLost`], and again until a rewrite has succeeded.
    fn rewrite(&mut self, ops: Vec<StoreOp>, done: CommitCompletion);
}

impl<S: SyncStore + ?Sized> SyncStore for Box<S> {
    fn load(&mut self, done: LoadCompletion) {
        (**self).load(done);
    }

    fn commit(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        (**self).commit(ops, done);
    }

    fn rewrite(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        (**self).rewrite(ops, done);
    }
}

/// What a store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoreContents {
    /// The registrations, in any order: those that were not handed over before.
    pub registrations: Vec<StoredRegistration>,
    /// What origins used of their background budget.
    pub budgets: Vec<StoredBudget>,
    /// The profile's own record; `None` in a new store.
    pub profile: Option<StoredProfile>,
    /// Rows that are gone or damaged and were set aside.
    pub lost: u64,
}

impl StoreContents {
    /// The same with something changed.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Contents that were read whole.
    #[must_use]
    pub const fn new(
        registrations: Vec<StoredRegistration>,
        budgets: Vec<StoredBudget>,
        profile: Option<StoredProfile>,
        lost: u64,
    ) -> Self {
        Self { registrations, budgets, profile, lost }
    }
}

/// Why a store could not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum StoreFailure {
    /// The store said why. Trying again later may work.
    Failed(String),
    /// The store said why, and that something it had acknowledged earlier is no longer there. It has to be
    /// given everything anew.
    ContentsLost(String),
    /// The store dropped the completion without a word.
    Dropped,
}

impl fmt::Display for StoreFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(why) | Self::ContentsLost(why) => f.write_str(why),
            Self::Dropped => f.write_str("the store gave no answer"),
        }
    }
}

impl std::error::Error for StoreFailure {}

type Answer = Box<dyn FnOnce(Result<(), StoreFailure>) + Send>;

/// Tells the driver how a commit ended. Dropping it says that it failed.
pub struct CommitCompletion(Option<Answer>);

impl CommitCompletion {
    /// A completion that hands the result to `answer`.
    pub fn new(answer: impl FnOnce(Result<(), StoreFailure>) + Send + 'static) -> Self {
        Self(Some(Box::new(answer)))
    }

    /// Ends the commit.
    pub fn finish(mut self, result: Result<(), StoreFailure>) {
        if let Some(answer) = self.0.take() {
            answer(result);
        }
    }
}

impl Drop for CommitCompletion {
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            answer(Err(StoreFailure::Dropped));
        }
    }
}

impl fmt::Debug for CommitCompletion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CommitCompletion")
    }
}
