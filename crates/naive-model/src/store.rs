use std::collections::BTreeMap;

use background_sync::policy::{Origin, Partition};
use background_sync::registration::{Sequence, StoredRegistration};
use background_sync::scheduler::StoredBudget;
use background_sync::{Loaded, StoreOp, StoredProfile};

/// A store that never fails and is durable at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    registrations: BTreeMap<Sequence, StoredRegistration>,
    budgets: BTreeMap<(Partition, Origin), StoredBudget>,
    profile: Option<StoredProfile>,
}

impl Store {
    pub(crate) fn commit(&mut self, ops: Vec<StoreOp>) {
        for op in ops {
            match op {
                StoreOp::PutRegistration(row) => {
                    self.registrations.insert(row.sequence, row);
                }
                StoreOp::RemoveRegistration(sequence) => {
                    self.registrations.remove(&sequence);
                }
                StoreOp::PutBudget(budget) => {
                    self.budgets.insert((budget.partition, budget.origin.clone()), budget);
                }
                StoreOp::RemoveBudget(partition, origin) => {
                    self.budgets.remove(&(partition, origin));
                }
                StoreOp::PutProfile(profile) => self.profile = Some(profile),
            }
        }
    }

    pub(crate) fn rows(&self) -> Vec<StoredRegistration> {
        self.registrations.values().cloned().collect()
    }

    /// Everything, without what a host says of it.
    pub(crate) fn load(&self) -> Loaded {
        let (registrations, budgets) = (self.rows(), self.budgets.values().cloned().collect());
        Loaded { registrations, budgets, profile: self.profile.clone(), ..Loaded::default() }
    }
}
