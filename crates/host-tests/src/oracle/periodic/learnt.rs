//! What was learnt of visits: only while something periodic is registered, and never of a private partition.

use std::collections::BTreeSet;

use background_sync::StoreOp;
use background_sync::registration::WallTime;
use background_sync::scheduler::{PeriodicOrigin, StoredBudget};

use super::Periodic;
use crate::Site;
use crate::oracle::{Verdict, broken};

/// The origins of which the store has, or is about to have, something that was learnt of visits.
#[derive(Clone, Debug, Default)]
pub(super) struct Learnt(BTreeSet<Site>);

impl Learnt {
    fn put(&mut self, now: WallTime, budget: &StoredBudget) {
        let site = Site { partition: budget.partition, origin: budget.origin.clone() };
        let has_learnt = PeriodicOrigin::decode(&budget.periodic, now).is_ok_and(|kept| kept.has_learnt());
        if has_learnt {
            self.0.insert(site)
        } else {
            self.0.remove(&site)
        };
    }
}

impl Periodic {
    /// `periodic.privacy.history`: a commit leaves nothing behind that was learnt of an origin of which nothing is
    /// registered any more. I12 is looked at where everything is that goes to a store.
    pub(in crate::oracle) fn forgets_with_the_last(&mut self, now: WallTime, ops: &[StoreOp]) -> Verdict {
        for op in ops {
            match op {
                StoreOp::PutBudget(budget) => self.learnt.put(now, budget),
                StoreOp::RemoveBudget(partition, origin) => {
                    self.learnt.0.remove(&Site { partition: *partition, origin: origin.clone() });
                }
                StoreOp::PutRegistration(_) | StoreOp::RemoveRegistration(_) | StoreOp::PutProfile(_) => {}
            }
        }
        match self.learnt.0.iter().find(|site| !self.may_have_any(site)) {
            Some(site) => {
                broken("forgotten", format!("what was learnt of visits to {} stays in the store", site.origin))
            }
            None => Ok(()),
        }
    }
}
