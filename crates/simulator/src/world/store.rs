use std::collections::BTreeMap;
use std::time::Duration;

use background_sync::registration::{Sequence, StoredRegistration};
use background_sync::scheduler::StoredBudget;
use background_sync::{Loaded, StoreOp, StoredProfile, TxnId};

use crate::timeline::{Site, StoreMood};

/// A store with a durable image. A commit is all or nothing; what fails and when is scripted.
#[derive(Clone, Debug, Default)]
pub struct Store {
    image: Image,
    in_flight: Option<InFlight>,
    mood: StoreMood,
    loads_to_fail: u32,
    /// It has lost something, and was not given everything anew.
    lost: bool,
}

/// What would be there after a power cut: the very bytes.
#[derive(Clone, Debug, Default)]
struct Image {
    registrations: BTreeMap<Sequence, Vec<u8>>,
    budgets: BTreeMap<Site, Vec<u8>>,
    profile: Option<Vec<u8>>,
}

#[derive(Clone, Debug)]
struct InFlight {
    txn: TxnId,
    ops: Vec<StoreOp>,
    /// What the operations are.
    what: Written,
    written: bool,
}

/// What a commit writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// Changes of what is there.
    Changes,
    /// All there will be.
    Everything,
}

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    /// It is durable.
    Durable,
    /// It failed.
    Failed,
    /// It failed, and more than that is gone.
    Lost,
}

/// What happens to a commit that has just arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is done after this long.
    Done(Duration),
    /// It waits until the store works again.
    Held,
    /// The process dies of it.
    Crash,
}

impl Store {
    /// What it holds, read back from its bytes; damaged rows are left out.
    #[must_use]
    pub fn registrations(&self) -> Vec<StoredRegistration> {
        self.image.registrations.values().filter_map(|bytes| StoredRegistration::decode(bytes).ok()).collect()
    }

    /// Everything, as the machine wants it.
    pub(crate) fn load(&mut self) -> Option<Loaded> {
        if self.loads_to_fail > 0 {
            self.loads_to_fail -= 1;
            return None;
        }
        let registrations = self.registrations();
        let budgets: Vec<_> =
            self.image.budgets.values().filter_map(|bytes| StoredBudget::decode(bytes).ok()).collect();
        let profile = self.image.profile.as_deref().and_then(|bytes| StoredProfile::decode(bytes).ok());
        let rows = self.image.registrations.len() + self.image.budgets.len();
        let lost = (rows - registrations.len() - budgets.len()) as u64;
        Some(Loaded { registrations, budgets, profile, lost, ..Loaded::default() })
    }

    pub(crate) fn set_mood(&mut self, mood: StoreMood) {
        match mood {
            StoreMood::FailsToLoad(times) => self.loads_to_fail = times,
            StoreMood::Works
            | StoreMood::Takes(_)
            | StoreMood::Fails
            | StoreMood::FailsNext(_)
            | StoreMood::FailsAfterWriting(_)
            | StoreMood::LosesContents
            | StoreMood::Holds
            | StoreMood::HoldsAnswers
            | StoreMood::CrashesAfter(_)
            | StoreMood::CrashesBefore(_) => self.mood = mood,
        }
    }

    /// The commit that was held, once the store works again.
    pub(crate) fn held(&self) -> Option<TxnId> {
        self.in_flight.as_ref().map(|commit| commit.txn)
    }

    pub(crate) fn commit(&mut self, txn: TxnId, ops: Vec<StoreOp>, what: Written) -> Fate {
        self.in_flight = Some(InFlight { txn, ops, what, written: false });
        match self.mood {
            StoreMood::Takes(time) => Fate::Done(time.0),
            StoreMood::Holds => Fate::Held,
            StoreMood::HoldsAnswers => {
                self.write();
                Fate::Held
            }
            StoreMood::CrashesAfter(n) if n <= 1 => {
                self.write();
                self.mood = StoreMood::Works;
                Fate::Crash
            }
            StoreMood::CrashesBefore(n) if n <= 1 => {
                self.mood = StoreMood::Works;
                Fate::Crash
            }
            StoreMood::CrashesAfter(n) => {
                self.mood = StoreMood::CrashesAfter(n - 1);
                Fate::Done(Duration::ZERO)
            }
            StoreMood::CrashesBefore(n) => {
                self.mood = StoreMood::CrashesBefore(n - 1);
                Fate::Done(Duration::ZERO)
            }
            StoreMood::Works
            | StoreMood::Fails
            | StoreMood::FailsNext(_)
            | StoreMood::FailsAfterWriting(_)
            | StoreMood::LosesContents
            | StoreMood::FailsToLoad(_) => Fate::Done(Duration::ZERO),
        }
    }

    /// Ends the commit in flight; says how. `None` when it is another one.
    pub(crate) fn finish(&mut self, txn: TxnId) -> Option<Finish> {
        let commit = self.in_flight.as_ref().filter(|commit| commit.txn == txn)?;
        let (written, what) = (commit.written, commit.what);
        let end = if written { Finish::Durable } else { self.end_of(what) };
        match end {
            Finish::Durable => {
                self.write();
                self.lost &= what == Written::Changes;
            }
            Finish::Failed => {}
            Finish::Lost => {
                self.lost = true;
                self.image.registrations.clear();
            }
        }
        self.in_flight = None;
        Some(end)
    }

    fn end_of(&mut self, what: Written) -> Finish {
        if self.mood == StoreMood::LosesContents {
            self.mood = StoreMood::Works;
            return Finish::Lost;
        }
        // It takes no change before it was given everything anew.
        if self.lost && what == Written::Changes {
            return Finish::Lost;
        }
        if let StoreMood::FailsAfterWriting(n) = self.mood {
            self.mood = if n > 1 { StoreMood::FailsAfterWriting(n - 1) } else { StoreMood::Works };
            self.write();
            return Finish::Failed;
        }
        if self.works() { Finish::Durable } else { Finish::Failed }
    }

    fn works(&mut self) -> bool {
        match self.mood {
            StoreMood::Fails => false,
            StoreMood::FailsNext(0) => true,
            StoreMood::FailsNext(n) => {
                self.mood = if n == 1 { StoreMood::Works } else { StoreMood::FailsNext(n - 1) };
                false
            }
            StoreMood::Works
            | StoreMood::Takes(_)
            | StoreMood::Holds
            | StoreMood::HoldsAnswers
            | StoreMood::FailsAfterWriting(_)
            | StoreMood::LosesContents
            | StoreMood::FailsToLoad(_)
            | StoreMood::CrashesAfter(_)
            | StoreMood::CrashesBefore(_) => true,
        }
    }

    fn write(&mut self) {
        let Some(commit) = self.in_flight.as_mut().filter(|commit| !commit.written) else {
            return;
        };
        commit.written = true;
        if commit.what == Written::Everything {
            self.image = Image::default();
        }
        for op in &commit.ops {
            self.image.apply(op);
        }
    }

    /// The process is gone, and with it a commit that was not durable.
    pub(crate) fn crash(&mut self) {
        self.lost = false;
        self.in_flight = None;
    }
}

impl Image {
    fn apply(&mut self, op: &StoreOp) {
        match op {
            StoreOp::PutRegistration(record) => {
                self.registrations.insert(record.sequence, record.encode());
            }
            StoreOp::RemoveRegistration(sequence) => {
                self.registrations.remove(sequence);
            }
            StoreOp::PutBudget(budget) => {
                let site = Site { partition: budget.partition, origin: budget.origin.clone() };
                self.budgets.insert(site, budget.encode());
            }
            StoreOp::RemoveBudget(partition, origin) => {
                self.budgets.remove(&Site { partition: *partition, origin: origin.clone() });
            }
            StoreOp::PutProfile(profile) => self.profile = Some(profile.encode()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(n: u64) -> Vec<StoreOp> {
        vec![StoreOp::PutProfile(StoredProfile::default().with(|it| it.next_sequence = Sequence(n)))]
    }

    fn number(store: &mut Store) -> Option<u64> {
        store.load().and_then(|loaded| loaded.profile).map(|profile| profile.next_sequence.0)
    }

    #[test]
    fn a_commit_is_not_there_before_it_is_done() {
        let mut store = Store::default();
        assert_eq!(store.commit(TxnId(1), profile(1), Written::Changes), Fate::Done(Duration::ZERO));
        assert_eq!(number(&mut store), None);
        assert_eq!(store.finish(TxnId(1)), Some(Finish::Durable));
        assert_eq!(number(&mut store), Some(1));
        assert_eq!(store.finish(TxnId(1)), None, "it is over");
    }

    #[test]
    fn a_crash_loses_what_was_not_written() {
        let mut store = Store::default();
        store.set_mood(StoreMood::Holds);
        assert_eq!(store.commit(TxnId(1), profile(1), Written::Changes), Fate::Held);
        store.crash();
        assert_eq!(number(&mut store), None);
        store.set_mood(StoreMood::HoldsAnswers);
        assert_eq!(store.commit(TxnId(2), profile(2), Written::Changes), Fate::Held);
        store.crash();
        assert_eq!(number(&mut store), Some(2));
    }

    #[test]
    fn failures_are_counted() {
        let mut store = Store::default();
        store.set_mood(StoreMood::FailsNext(1));
        store.commit(TxnId(1), profile(1), Written::Changes);
        assert_eq!(store.finish(TxnId(1)), Some(Finish::Failed));
        store.commit(TxnId(2), profile(2), Written::Changes);
        assert_eq!(store.finish(TxnId(2)), Some(Finish::Durable));
        store.set_mood(StoreMood::FailsToLoad(1));
        assert_eq!(number(&mut store), None);
        assert_eq!(number(&mut store), Some(2));
    }

    #[test]
    fn a_commit_that_failed_may_be_there_and_a_loss_takes_what_was_there() {
        let mut store = Store::default();
        store.set_mood(StoreMood::FailsAfterWriting(1));
        store.commit(TxnId(1), profile(1), Written::Changes);
        assert_eq!(store.finish(TxnId(1)), Some(Finish::Failed));
        assert_eq!(number(&mut store), Some(1));
        store.set_mood(StoreMood::LosesContents);
        for txn in [TxnId(2), TxnId(3)] {
            store.commit(txn, profile(2), Written::Changes);
            assert_eq!(store.finish(txn), Some(Finish::Lost), "it takes no changes any more");
        }
        store.commit(TxnId(4), profile(3), Written::Everything);
        assert_eq!(store.finish(TxnId(4)), Some(Finish::Durable));
        assert_eq!(number(&mut store), Some(3));
    }
}
