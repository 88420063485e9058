//! Stores of which most are wrong.

use std::sync::{Arc, Mutex};

use background_sync::registration::Sequence;
use background_sync::{CommitCompletion, LoadCompletion, MemoryStore, StoreOp, SyncStore};

use super::fault::Fault;

/// The file, and what is not in it yet.
#[derive(Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<MemoryStore>>);

impl Disk {
    /// Opens the file in a new process.
    pub(crate) fn open(&self, fault: Option<Fault>) -> impl SyncStore + 'static {
        let memory = self.0.lock().expect("nobody panics with it").clone();
        Opened { file: self.clone(), memory, fault }
    }
}

struct Opened {
    file: Disk,
    memory: MemoryStore,
    fault: Option<Fault>,
}

impl Opened {
    fn write(&mut self, op: StoreOp) {
        let mut file = self.file.0.lock().expect("nobody panics with it");
        match (op, self.fault) {
            (StoreOp::PutRegistration(row), Some(Fault::StoreKeepsOldRows)) => {
                let there = file.contents().registrations.iter().any(|old| old.sequence == row.sequence);
                if !there {
                    file.apply(StoreOp::PutRegistration(row));
                }
            }
            (op, _) => file.apply(op),
        }
    }
}

impl SyncStore for Opened {
    fn load(&mut self, done: LoadCompletion) {
        let contents = self.file.0.lock().expect("nobody panics with it").contents();
        done.finish(Ok(contents.with(|contents| {
            if self.fault == Some(Fault::StoreRenumbers) {
                contents.registrations.iter_mut().for_each(|row| row.sequence = Sequence(row.sequence.0 + 1));
            }
        })));
    }

    fn commit(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        match self.fault {
            Some(Fault::StoreInMemory) => ops.into_iter().for_each(|op| self.memory.apply(op)),
            Some(Fault::StoreInHalves) => {
                let half = ops.len().div_ceil(2);
                ops.into_iter().take(half).for_each(|op| self.write(op));
            }
            Some(Fault::StoreInSilence) => return std::mem::forget(done),
            Some(_) | None => ops.into_iter().for_each(|op| self.write(op)),
        }
        done.finish(Ok(()));
    }

    fn rewrite(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        *self.file.0.lock().expect("nobody panics with it") = MemoryStore::default();
        self.commit(ops, done);
    }
}
