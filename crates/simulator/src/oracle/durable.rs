use std::collections::{BTreeMap, BTreeSet};

use background_sync::policy::RegistrationKey;
use background_sync::registration::{Sequence, StoredRegistration, StoredState};
use background_sync::{Reply, StoreOp, SyncEventInit, TxnId};

use super::model::Model;
use super::requests::{Asked, What};
use super::{Verdict, broken};

/// What the machine has been told is durable.
#[derive(Clone, Debug, Default)]
pub(super) struct Durable {
    registrations: BTreeMap<Sequence, StoredRegistration>,
    in_flight: Option<(TxnId, Vec<StoreOp>, Carries)>,
    last_txn: Option<TxnId>,
}

/// What a commit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carries {
    /// Changes of what is there.
    Changes,
    /// All there will be.
    Everything,
}

impl Durable {
    /// After a crash the image is the truth; what was in flight is decided.
    pub(super) fn restart(&mut self, stored: &[StoredRegistration]) {
        self.registrations = stored.iter().map(|record| (record.sequence, record.clone())).collect();
        self.in_flight = None;
        self.last_txn = None;
    }

    /// I5: one commit at a time; I12: nothing private; each record once.
    pub(super) fn commit(&mut self, txn: TxnId, ops: &[StoreOp], carries: Carries) -> Verdict {
        if let Some((before, ..)) = &self.in_flight {
            return broken("I5", format!("{txn:?} is sent while {before:?} is in flight"));
        }
        if self.last_txn.is_some_and(|last| txn <= last) {
            return broken("I5", format!("{txn:?} is not a new number"));
        }
        let mut numbers = BTreeSet::new();
        for op in ops {
            let (private, number) = match op {
                StoreOp::PutRegistration(record) => (record.key.partition().is_private(), Some(record.sequence)),
                StoreOp::PutBudget(budget) => (budget.partition.is_private(), None),
                StoreOp::RemoveBudget(partition, _) => (partition.is_private(), None),
                StoreOp::RemoveRegistration(sequence) => (false, Some(*sequence)),
                StoreOp::PutProfile(_) => (false, None),
            };
            if private {
                return broken("I12", format!("the store sees something private: {op:?}"));
            }
            if number.is_some_and(|number| !numbers.insert(number)) {
                return broken("I5", format!("{txn:?} writes {number:?} twice"));
            }
        }
        self.last_txn = Some(txn);
        self.in_flight = Some((txn, ops.to_vec(), carries));
        Ok(())
    }

    pub(super) fn committed(&mut self, txn: TxnId) {
        let Some((_, ops, carries)) = self.in_flight.take_if(|(in_flight, ..)| *in_flight == txn) else { return };
        if carries == Carries::Everything {
            self.registrations.clear();
        }
        for op in ops {
            match op {
                StoreOp::PutRegistration(record) => {
                    self.registrations.insert(record.sequence, record);
                }
                StoreOp::RemoveRegistration(sequence) => {
                    self.registrations.remove(&sequence);
                }
                StoreOp::PutBudget(_) | StoreOp::RemoveBudget(..) | StoreOp::PutProfile(_) => {}
            }
        }
    }

    pub(super) fn failed(&mut self, txn: TxnId) {
        self.in_flight.take_if(|(in_flight, ..)| *in_flight == txn);
    }

    /// I3: commit, then reply.
    pub(super) fn acknowledged(&self, asked: &Asked, reply: &Reply, model: &Model) -> Verdict {
        let (What::Register { key, tag, .. }, Reply::Registered(Ok(()))) = (&asked.what, reply) else {
            return Ok(());
        };
        let durable = self.registrations.values().any(|record| record.key == *key && record.tag == *tag);
        if durable || key.partition().is_private() || !model.is_certain(key, tag) {
            return Ok(());
        }
        broken("I3", format!("{tag:?} is acknowledged and not durable"))
    }

    /// I5: the attempt is durable before its event, with what the event is told (I6).
    pub(super) fn written(&self, key: &RegistrationKey, event: &SyncEventInit) -> Verdict {
        if key.partition().is_private() {
            return Ok(());
        }
        let record = self.registrations.values().find(|record| record.key == *key && record.tag == event.tag);
        match record.map(|record| record.state) {
            Some(StoredState::Firing(last_chance)) if last_chance == event.last_chance => Ok(()),
            // A call that came meanwhile is in the same record.
            Some(StoredState::ReregisteredWhileFiring) => Ok(()),
            found => broken("I5", format!("{event:?} is dispatched, and durable is {found:?}")),
        }
    }
}
