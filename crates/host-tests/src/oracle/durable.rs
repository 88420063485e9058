use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use background_sync::policy::{RegistrationKey, SyncKind};
use background_sync::registration::{MonotonicTime, Sequence, Series, StoredRegistration, StoredState, Tag, WallTime};
use background_sync::scheduler::SyncParameters;
use background_sync::{Reply, StoreOp, SyncEventInit, TxnId};

use super::model::{Model, Name};
use super::requests::{Asked, What};
use super::{Verdict, broken};

/// What the machine has been told is durable.
#[derive(Clone, Debug, Default)]
pub(super) struct Durable {
    registrations: BTreeMap<Sequence, StoredRegistration>,
    in_flight: Option<(TxnId, Vec<StoreOp>, Carries)>,
    last_txn: Option<TxnId>,
    /// New registrations of a commit that failed: they may be in the store all the same.
    doubtful: BTreeSet<Sequence>,
    /// A commit became durable at this very moment.
    just_now: bool,
    /// The running time of the profile at a moment of this session, since the machine has said one.
    running: Option<(MonotonicTime, Duration)>,
    /// The store has lost something and was not given everything anew.
    lost: bool,
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
        self.doubtful.clear();
        self.lost = false;
        self.running = None;
    }

    /// I5: one commit at a time; I12: nothing private; each record once.
    pub(super) fn commit(&mut self, now: MonotonicTime, txn: TxnId, ops: &[StoreOp], carries: Carries) -> Verdict {
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
        if carries == Carries::Changes {
            if self.lost {
                return broken("I11", format!("{txn:?} changes a store that has lost something"));
            }
            if let Some(doubtful) = self.doubtful.iter().find(|doubtful| !numbers.contains(doubtful)) {
                return broken("I11", format!("{txn:?} leaves {doubtful:?} as a failed commit may have written it"));
            }
        }
        self.doubtful.clear();
        self.running = ops.iter().find_map(running_of).map(|running| (now, running)).or(self.running);
        self.last_txn = Some(txn);
        self.in_flight = Some((txn, ops.to_vec(), carries));
        Ok(())
    }

    /// Whether it was the commit in flight.
    pub(super) fn committed(&mut self, txn: TxnId) -> bool {
        let Some((_, ops, carries)) = self.in_flight.take_if(|(in_flight, ..)| *in_flight == txn) else { return false };
        self.just_now = true;
        if carries == Carries::Everything {
            self.registrations.clear();
            self.lost = false;
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
        true
    }

    /// Whether it was the commit in flight.
    pub(super) fn failed(&mut self, txn: TxnId) -> bool {
        let Some((_, ops, _)) = self.in_flight.take_if(|(in_flight, ..)| *in_flight == txn) else { return false };
        for op in ops {
            if let StoreOp::PutRegistration(record) = op
                && !self.registrations.contains_key(&record.sequence)
            {
                self.doubtful.insert(record.sequence);
            }
        }
        true
    }

    /// The store no longer has what it acknowledged.
    pub(super) fn lost_contents(&mut self, txn: TxnId) -> bool {
        let failed = self.failed(txn);
        self.lost |= failed;
        failed
    }

    pub(super) fn has_lost_something(&self) -> bool {
        self.lost
    }

    /// I11: a store that has lost something is given everything.
    pub(super) fn holds_everything(&self, ops: &[StoreOp], model: &Model) -> Verdict {
        for ((key, tag), record) in model.records().filter(|(_, record)| record.certain) {
            let put = |op: &StoreOp| match op {
                StoreOp::PutRegistration(stored) => is_row_of(stored, SyncKind::OneShot, key, tag),
                StoreOp::RemoveRegistration(_)
                | StoreOp::PutBudget(_)
                | StoreOp::RemoveBudget(..)
                | StoreOp::PutProfile(_) => false,
            };
            if !key.partition().is_private() && record.certain && !ops.iter().any(put) {
                return broken("I11", format!("{tag:?} is registered, and a rewrite leaves it out"));
            }
        }
        Ok(())
    }

    pub(super) fn another_moment(&mut self) {
        self.just_now = false;
    }

    /// Whether a commit is in flight.
    pub(super) fn is_writing(&self) -> bool {
        self.in_flight.is_some()
    }

    /// What the store has of a registration.
    pub(super) fn row(&self, kind: SyncKind, key: &RegistrationKey, tag: &Tag) -> Option<&StoredRegistration> {
        self.registrations.values().find(|row| is_row_of(row, kind, key, tag))
    }

    /// When the one-shot registration of this name was registered, as far as that is durable.
    pub(super) fn registered(&self, name: &Name) -> Option<WallTime> {
        self.row(SyncKind::OneShot, &name.0, &name.1).map(|record| record.registered.wall)
    }

    /// I3: commit, then reply.
    pub(super) fn acknowledged(
        &self,
        asked: &Asked,
        reply: &Reply,
        model: &Model,
        parameters: &SyncParameters,
    ) -> Verdict {
        let (What::Register { kind: SyncKind::OneShot, key, tag, .. }, Reply::Registered(Ok(()))) =
            (&asked.what, reply)
        else {
            return Ok(());
        };
        let durable = self.row(SyncKind::OneShot, key, tag);
        if let (Some(stored), true, true) = (durable, self.just_now, model.is_certain(key, tag)) {
            return as_asked(stored, &(key.clone(), tag.clone()), model);
        }
        if let Some(stored) = durable.filter(|_| !model.has_asks(&(key.clone(), tag.clone()))) {
            return self.is_young_enough(stored, &(key.clone(), tag.clone()), model, parameters);
        }
        if durable.is_some() || key.partition().is_private() || !model.is_certain(key, tag) {
            return Ok(());
        }
        broken("I3", format!("{tag:?} is acknowledged and not durable"))
    }

    /// A call that was answered without a write leaves the age in the store behind, but not by more than may be.
    fn is_young_enough(
        &self,
        stored: &StoredRegistration,
        name: &Name,
        model: &Model,
        parameters: &SyncParameters,
    ) -> Verdict {
        let unwritten = model.record(name).filter(|record| record.certain && record.may_be_unwritten);
        let Some(record) = unwritten.filter(|_| parameters.register_ends_wait && !self.is_writing()) else {
            return Ok(());
        };
        let running = record.registered_at.and_then(|at| self.running_at(at)).unwrap_or_default();
        let behind_in_running = running.saturating_sub(stored.registered.running);
        let behind = behind_in_running.max(record.registered.since(stored.registered.wall));
        if behind.is_zero() || behind < parameters.max_age_behind {
            return Ok(());
        }
        broken("I3", format!("{:?} is acknowledged, and the age in the store is {behind:?} behind", name.1))
    }

    /// The running time of the profile at a moment of this session.
    fn running_at(&self, at: MonotonicTime) -> Option<Duration> {
        self.running.map(|(then, running)| running.saturating_add(at.since(then)).saturating_sub(then.since(at)))
    }

    /// I5: the attempt is durable before its event, with what the event is told (I6).
    pub(super) fn written(&self, key: &RegistrationKey, event: &SyncEventInit) -> Verdict {
        if key.partition().is_private() {
            return Ok(());
        }
        let record = self.row(event.kind, key, &event.tag);
        match record.map(|record| record.state) {
            Some(StoredState::Firing(last_chance)) if last_chance == event.last_chance => Ok(()),
            // A call that came meanwhile is in the same record.
            Some(StoredState::ReregisteredWhileFiring) => Ok(()),
            found => broken("I5", format!("{event:?} is dispatched, and durable is {found:?}")),
        }
    }
}

/// Whether it is this registration that the store has.
pub(super) fn is_row_of(row: &StoredRegistration, kind: SyncKind, key: &RegistrationKey, tag: &Tag) -> bool {
    row.kind == kind && row.key == *key && row.tag == *tag
}

/// The running time at which the profile was written.
fn running_of(op: &StoreOp) -> Option<Duration> {
    match op {
        StoreOp::PutProfile(profile) => Some(profile.running),
        StoreOp::PutRegistration(_)
        | StoreOp::RemoveRegistration(_)
        | StoreOp::PutBudget(_)
        | StoreOp::RemoveBudget(..) => None,
    }
}

/// What a crash would find is what was promised: its age, and a new series where one began.
fn as_asked(stored: &StoredRegistration, name: &Name, model: &Model) -> Verdict {
    let Some(record) = model.record(name) else { return Ok(()) };
    if stored.state == StoredState::ReregisteredWhileFiring {
        // A crash would find it pending, in a new series, whatever else stands there.
        return Ok(());
    }
    let made = |at: WallTime| at == record.registered || model.asked_at(name).contains(&at);
    // A call that joins an equal one whose commit is in flight shares what that makes durable.
    if !made(stored.registered.wall) && !record.joined && !record.may_be_unwritten {
        return broken("I3", format!("{:?} is acknowledged, and its age is not durable", name.1));
    }
    if record.new_promise && stored.series != Series::default() {
        return broken("I3", format!("{:?} begins a new series, and durable is {:?}", name.1, stored.series));
    }
    Ok(())
}
