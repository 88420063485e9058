use std::collections::BTreeMap;

use background_sync_policy::{Origin, Partition};
use background_sync_registration::{Sequence, StoredRegistration};
use background_sync_scheduler::StoredBudget;

use crate::{CommitCompletion, LoadCompletion, StoreContents, StoreOp, StoredProfile, SyncStore};

/// A store that lasts as long as the process: for engines that keep no profile, and for tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryStore {
    registrations: BTreeMap<Sequence, StoredRegistration>,
    budgets: BTreeMap<(Partition, Origin), StoredBudget>,
    profile: Option<StoredProfile>,
}

impl MemoryStore {
    /// Applies one operation.
    pub fn apply(&mut self, op: StoreOp) {
        match op {
            StoreOp::PutRegistration(stored) => drop(self.registrations.insert(stored.sequence, stored)),
            StoreOp::RemoveRegistration(sequence) => drop(self.registrations.remove(&sequence)),
            StoreOp::PutBudget(stored) => {
                self.budgets.insert((stored.partition, stored.origin.clone()), stored);
            }
            StoreOp::RemoveBudget(partition, origin) => drop(self.budgets.remove(&(partition, origin))),
            StoreOp::PutProfile(profile) => self.profile = Some(profile),
        }
    }

    /// What it holds.
    #[must_use]
    pub fn contents(&self) -> StoreContents {
        StoreContents {
            registrations: self.registrations.values().cloned().collect(),
            budgets: self.budgets.values().cloned().collect(),
            profile: self.profile.clone(),
            lost: 0,
        }
    }
}

impl SyncStore for MemoryStore {
    fn load(&mut self, done: LoadCompletion) {
        done.finish(Ok(self.contents()));
    }

    fn commit(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        ops.into_iter().for_each(|op| self.apply(op));
        done.finish(Ok(()));
    }

    fn rewrite(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        *self = Self::default();
        self.commit(ops, done);
    }
}
