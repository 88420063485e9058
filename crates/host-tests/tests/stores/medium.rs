//! Stores of which most are wrong.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use background_sync::registration::{StoredRegistration, Tag};
use background_sync::{CommitCompletion, LoadCompletion, MemoryStore, StoreFailure, StoreOp, SyncStore};
use background_sync_host_tests::StoreUnderTest;

use super::fault::Fault;

/// Long enough for whoever dies in between.
const A_MOMENT: Duration = Duration::from_millis(20);

/// What outlives a process.
#[derive(Clone, Default)]
pub(crate) struct Medium {
    fault: Option<Fault>,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    file: MemoryStore,
    is_full: bool,
    has_failed: bool,
    /// Which process may write; one that died no longer does.
    life: u64,
}

impl Medium {
    pub(crate) fn with(fault: Option<Fault>) -> Self {
        Self { fault, ..Self::default() }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().expect("nobody panics with it")
    }

    /// What a process of that life writes.
    fn write(&self, life: u64, ops: Vec<StoreOp>) {
        let mut shared = self.shared();
        if shared.life == life {
            ops.into_iter().for_each(|op| self.write_one(&mut shared, op));
        }
    }

    fn write_one(&self, shared: &mut Shared, op: StoreOp) {
        match (op, self.fault) {
            (StoreOp::PutRegistration(row), Some(Fault::KeepsOldRows)) => {
                let rows = shared.file.contents().registrations;
                if !rows.iter().any(|old| old.sequence == row.sequence) {
                    shared.file.apply(StoreOp::PutRegistration(row));
                }
            }
            (StoreOp::PutRegistration(row), Some(Fault::TakesTagsForText)) => {
                let text = String::from_utf16_lossy(&row.tag.to_utf16());
                let tag = Tag::from(text.as_str());
                shared.file.apply(StoreOp::PutRegistration(StoredRegistration { tag, ..row }));
            }
            (op, _) => shared.file.apply(op),
        }
    }
}

impl StoreUnderTest for Medium {
    type Store = Opened;

    fn open(&mut self) -> Opened {
        let life = self.shared().life;
        Opened { medium: self.clone(), life, behind: Vec::new(), read: Vec::new(), alive: None }
    }

    fn crash(&mut self) {
        self.shared().life += 1;
    }

    fn refuse_writes(&mut self, refuse: bool) -> bool {
        self.shared().is_full = refuse;
        true
    }

    fn refuses_what_is_newer(&mut self) -> Option<bool> {
        Some(self.fault != Some(Fault::TakesWhatIsNewer))
    }
}

/// What a process has of it.
pub(crate) struct Opened {
    medium: Medium,
    life: u64,
    /// What is acknowledged and not written.
    behind: Vec<StoreOp>,
    read: Vec<StoredRegistration>,
    /// Who writes the other half hears by it that the process is gone.
    alive: Option<Sender<()>>,
}

impl Opened {
    fn catch_up(&mut self) {
        let behind = std::mem::take(&mut self.behind);
        if self.medium.fault != Some(Fault::IsInMemory) {
            self.medium.write(self.life, behind);
        }
    }

    /// Half at once, the rest in a moment, if the process still lives then.
    fn write_in_two_goes(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        let mut ops = ops;
        let rest = ops.split_off(ops.len() / 2);
        self.medium.write(self.life, ops);
        let (alive, is_alive) = channel();
        self.alive = Some(alive);
        let (medium, life) = (self.medium.clone(), self.life);
        thread::spawn(move || {
            if is_alive.recv_timeout(A_MOMENT) == Err(RecvTimeoutError::Timeout) {
                medium.write(life, rest);
                done.finish(Ok(()));
            }
        });
    }

    /// How a commit fails, if it does.
    fn failure(&self) -> Option<StoreFailure> {
        let mut shared = self.medium.shared();
        let fails = shared.is_full || (shared.has_failed && self.medium.fault == Some(Fault::NeverRecovers));
        shared.has_failed |= fails;
        fails.then(|| StoreFailure::Failed("there is no room".to_owned()))
    }
}

impl SyncStore for Opened {
    fn load(&mut self, mut done: LoadCompletion) {
        if self.medium.fault == Some(Fault::CannotBeRead) {
            return done.finish(Err(StoreFailure::Failed("it has gone".to_owned())));
        }
        if self.medium.fault == Some(Fault::Reorders) {
            self.catch_up();
        }
        let mut contents = self.medium.shared().file.contents();
        match self.medium.fault {
            Some(Fault::SaysThatRowsAreGone) => contents.lost = 3,
            Some(Fault::HandsRowsOverTwice) => done.rows(contents.registrations.iter().take(100).cloned().collect()),
            Some(Fault::ReadsWhatItHasRead) => {
                self.read.append(&mut contents.registrations);
                contents.registrations.clone_from(&self.read);
            }
            Some(_) | None => {}
        }
        done.finish(Ok(contents));
    }

    fn commit(&mut self, mut ops: Vec<StoreOp>, done: CommitCompletion) {
        let failure = self.failure();
        match self.medium.fault {
            Some(Fault::IsSilent) => return std::mem::forget(done),
            Some(Fault::AcknowledgesAllTheSame) if failure.is_some() => return done.finish(Ok(())),
            Some(Fault::LosesContentsOnAFullDisk) if failure.is_some() => {
                self.medium.shared().file = MemoryStore::default();
                return done.finish(Err(StoreFailure::ContentsLost("there is no room".to_owned())));
            }
            Some(_) | None => {}
        }
        if let Some(failure) = failure {
            return done.finish(Err(failure));
        }
        match self.medium.fault {
            Some(Fault::WritesInTwoGoes) => return self.write_in_two_goes(ops, done),
            Some(Fault::WritesBehind | Fault::IsInMemory) => {
                self.catch_up();
                self.behind = ops;
            }
            Some(Fault::Reorders) if self.behind.is_empty() => self.behind = ops,
            Some(Fault::Reorders) => {
                self.medium.write(self.life, ops);
                self.catch_up();
            }
            Some(Fault::ForgetsAnOperation) => {
                if ops.len() > 2 {
                    ops.remove(2);
                }
                self.medium.write(self.life, ops);
            }
            Some(_) | None => self.medium.write(self.life, ops),
        }
        done.finish(Ok(()));
    }

    fn rewrite(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        if self.medium.fault != Some(Fault::RewritesOnTop) {
            self.medium.shared().file = MemoryStore::default();
        }
        self.commit(ops, done);
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.catch_up();
    }
}
