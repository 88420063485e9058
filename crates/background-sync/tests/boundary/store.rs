//! Stores of a toy engine. What is in one outlives it.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use background_sync::{
    CommitCompletion, HostCall, LoadCompletion, MemoryStore, StoreContents, StoreFailure, StoreOp, SyncStore,
};

use crate::toy::Toy;

/// What the disk would be.
#[derive(Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<MemoryStore>>);

impl Disk {
    pub(crate) fn contents(&self) -> StoreContents {
        self.0.lock().unwrap().contents()
    }

    pub(crate) fn tags(&self) -> Vec<String> {
        let registrations = self.contents().registrations.into_iter();
        registrations.map(|stored| stored.tag.to_string()).collect()
    }

    fn write(&self, ops: Vec<StoreOp>) {
        let mut disk = self.0.lock().unwrap();
        ops.into_iter().for_each(|op| disk.apply(op));
    }

    /// Everything on it is gone.
    pub(crate) fn wipe(&self) {
        *self.0.lock().unwrap() = MemoryStore::default();
    }
}

/// Something a store was asked for, which waits.
pub(crate) enum Job {
    Load(Disk, LoadCompletion),
    Commit(Disk, Vec<StoreOp>, CommitCompletion),
}

impl Job {
    /// Does it.
    pub(crate) fn run(self) {
        match self {
            Self::Load(disk, done) => done.finish(Ok(disk.contents())),
            Self::Commit(disk, ops, done) => {
                disk.write(ops);
                done.finish(Ok(()));
            }
        }
    }

    /// Does not do it, and says so.
    pub(crate) fn fail(self, failure: StoreFailure) {
        match self {
            Self::Load(_, done) => done.finish(Err(failure)),
            Self::Commit(_, _, done) => done.finish(Err(failure)),
        }
    }
}

pub(crate) struct ToyStore {
    toy: Toy,
    disk: Disk,
    /// Who does the jobs; `None` does them at once.
    jobs: Option<Sender<Job>>,
    /// Whether loads are jobs too.
    loads_too: bool,
}

impl ToyStore {
    /// Stores at once.
    pub(crate) fn at_once(toy: &Toy, disk: &Disk) -> Self {
        Self { toy: toy.clone(), disk: disk.clone(), jobs: None, loads_too: false }
    }

    /// Loads at once, and commits when the test says so.
    pub(crate) fn that_waits(toy: &Toy, disk: &Disk) -> (Self, Receiver<Job>) {
        let (jobs, waiting) = channel();
        (Self { jobs: Some(jobs), ..Self::at_once(toy, disk) }, waiting)
    }

    /// Loads and commits when the test says so.
    pub(crate) fn that_waits_with_all(toy: &Toy, disk: &Disk) -> (Self, Receiver<Job>) {
        let (store, waiting) = Self::that_waits(toy, disk);
        (Self { loads_too: true, ..store }, waiting)
    }

    /// Answers from a thread of its own, and takes its time.
    pub(crate) fn elsewhere(toy: &Toy, disk: &Disk, takes: Duration) -> Self {
        let (store, waiting) = Self::that_waits_with_all(toy, disk);
        thread::spawn(move || {
            waiting.into_iter().for_each(|job| {
                thread::sleep(takes);
                job.run();
            });
        });
        store
    }

    fn take(&self, job: Job) {
        match &self.jobs {
            None => job.run(),
            // Without a test that listens it fails.
            Some(jobs) => drop(jobs.send(job)),
        }
    }
}

impl SyncStore for ToyStore {
    fn load(&mut self, done: LoadCompletion) {
        self.toy.called(HostCall::Load);
        let job = Job::Load(self.disk.clone(), done);
        if self.loads_too { self.take(job) } else { job.run() }
    }

    fn commit(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        self.toy.called(HostCall::Commit);
        self.take(Job::Commit(self.disk.clone(), ops, done));
    }

    fn rewrite(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        self.toy.called(HostCall::Rewrite);
        self.disk.wipe();
        self.take(Job::Commit(self.disk.clone(), ops, done));
    }
}
