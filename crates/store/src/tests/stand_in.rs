//! What stands in for the machine: it knows what it was told is durable, takes back what was refused, and
//! gives a store everything anew that says it lost something.

use std::{collections::BTreeMap, path::PathBuf, sync::mpsc::channel, time::Duration};

use background_sync::{
    CommitCompletion, StoreContents, StoreFailure, StoreOp, StoredProfile, SyncStore,
    registration::{Sequence, StoredRegistration, StoredState, Tag},
};

use super::{
    Open,
    common::{commit, load, registration},
    model::{ModelDisk, rng::Rng},
};
use crate::{RedbStore, StoreReport, place::Place};

/// What a store holds at some time, in the form that can be compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    registrations: BTreeMap<u64, StoredRegistration>,
    profile: Option<StoredProfile>,
}

impl Held {
    pub(crate) fn of(contents: StoreContents) -> Self {
        let registrations = contents.registrations.into_iter().map(|record| (record.sequence.0, record)).collect();
        Self { registrations, profile: contents.profile }
    }

    fn apply(&mut self, op: &StoreOp) {
        match op {
            StoreOp::PutRegistration(record) => drop(self.registrations.insert(record.sequence.0, record.clone())),
            StoreOp::RemoveRegistration(Sequence(key)) => drop(self.registrations.remove(key)),
            StoreOp::PutProfile(profile) => self.profile = Some(profile.clone()),
            StoreOp::PutBudget(_) | StoreOp::RemoveBudget(..) => unreachable!("no batch has any"),
        }
    }

    /// What puts all of this.
    fn as_ops(&self) -> Vec<StoreOp> {
        let registrations = self.registrations.values().cloned().map(StoreOp::PutRegistration);
        registrations.chain(self.profile.clone().map(StoreOp::PutProfile)).collect()
    }

    /// What makes another what this is, in as far as it touched the same records as `refused`.
    fn takes_back(&self, refused: &StoreOp) -> StoreOp {
        let (StoreOp::PutRegistration(StoredRegistration { sequence, .. }) | StoreOp::RemoveRegistration(sequence)) =
            refused
        else {
            return StoreOp::PutProfile(self.profile.clone().unwrap_or_default());
        };
        let before = self.registrations.get(&sequence.0).cloned();
        before.map_or(StoreOp::RemoveRegistration(*sequence), StoreOp::PutRegistration)
    }
}

pub(crate) struct StandIn {
    pub(crate) disk: ModelDisk,
    pub(crate) store: RedbStore,
    /// Everything that was ever sent, by number, the first being nothing.
    pub(crate) states: Vec<Held>,
    pub(crate) acknowledged: usize,
    refused: Vec<StoreOp>,
    has_lost: bool,
    next: u64,
    rng: Rng,
}

/// Where the store lies on a model disk.
pub(crate) fn place(disk: &ModelDisk) -> Place {
    Place::at(PathBuf::from("sync.redb"), Box::new(disk.clone()))
}

/// A rewrite, waited for.
pub(crate) fn rewrite(store: &mut RedbStore, ops: Vec<StoreOp>) -> Result<(), StoreFailure> {
    let (send, answer) = channel();
    store.rewrite(ops, CommitCompletion::new(move |result| send.send(result).unwrap()));
    answer.recv_timeout(Duration::from_secs(60)).unwrap()
}

impl StandIn {
    /// One with an empty store on an empty disk.
    pub(crate) fn new(seed: u64) -> Self {
        let disk = ModelDisk::new(&BTreeMap::new(), seed);
        // either way, and for each seed always the same
        let open: Open =
            if seed.is_multiple_of(2) { RedbStore::open_place } else { RedbStore::open_place_without_thread };
        let store = open(place(&disk), Box::new(|_: StoreReport| {})).unwrap();
        let mut one = Self {
            disk,
            store,
            states: vec![Held::default()],
            acknowledged: 0,
            refused: Vec::new(),
            has_lost: false,
            next: 1,
            rng: Rng(seed ^ 0xABC),
        };
        assert_eq!(Held::of(load(&mut one.store).unwrap()), Held::default());
        one
    }

    fn acknowledged(&self) -> &Held {
        &self.states[self.acknowledged]
    }

    /// Puts, changes and removals, most often a few, now and then many, and sometimes of long records.
    fn batch(&mut self) -> Vec<StoreOp> {
        let size = [25 + self.rng.below(60), 10, 10][..].get(self.rng.below(10)).copied();
        let size = size.unwrap_or_else(|| 1 + self.rng.below(4));
        let mut batch = BTreeMap::new();
        let there: Vec<u64> = self.acknowledged().registrations.keys().copied().collect();
        for _ in 0..size {
            let choice = self.rng.below(10);
            let key = match there.get(self.rng.below(there.len())) {
                Some(key) if choice >= 5 => *key,
                Some(_) | None => {
                    self.next += 1;
                    self.next
                }
            };
            let mut record = registration(key);
            record.state = StoredState::Firing(self.rng.percent(50));
            record.series.attempts = u32::try_from(self.rng.below(12)).unwrap();
            if self.rng.percent(15) {
                record.tag = Tag::from("x".repeat(self.rng.below(6_000)).as_str());
            }
            let op = match choice {
                0..7 => StoreOp::PutRegistration(record),
                _ => StoreOp::RemoveRegistration(Sequence(key)),
            };
            batch.insert(key, op);
        }
        let profile = StoredProfile::default().with(|it| it.next_sequence = Sequence(self.next));
        batch.into_values().chain([StoreOp::PutProfile(profile)]).collect()
    }

    /// What is sent from now on is this.
    fn send(&mut self, held: Held) {
        self.states.push(held);
        self.disk.note(self.acknowledged, self.states.len() - 1);
    }

    fn answered(&mut self, result: &Result<(), StoreFailure>) {
        if result.is_ok() {
            self.acknowledged = self.states.len() - 1;
            self.disk.note(self.acknowledged, self.acknowledged);
        }
    }

    /// One commit, and a rewrite if that is what the store asks for.
    pub(crate) fn commit(&mut self) -> Result<(), StoreFailure> {
        let mut ops: BTreeMap<String, StoreOp> = BTreeMap::new();
        let takes_back: Vec<StoreOp> = self.refused.iter().map(|op| self.acknowledged().takes_back(op)).collect();
        for op in takes_back.into_iter().chain(self.batch()) {
            ops.insert(name_of(&op), op);
        }
        let ops: Vec<StoreOp> = ops.into_values().collect();
        let mut held = self.acknowledged().clone();
        ops.iter().for_each(|op| held.apply(op));
        self.send(held);
        let result = commit(&mut self.store, ops.clone());
        self.answered(&result);
        match &result {
            Ok(()) => {
                assert!(!self.has_lost, "nothing is taken before everything was given anew");
                self.refused.clear();
            }
            Err(failure) => {
                let says_lost = matches!(failure, StoreFailure::ContentsLost(_));
                assert!(says_lost || !self.has_lost, "it said that it had lost something, and now: {failure}");
                self.has_lost = says_lost;
                self.refused.extend(ops);
            }
        }
        if self.has_lost { self.give_everything() } else { result }
    }

    fn give_everything(&mut self) -> Result<(), StoreFailure> {
        let all = self.acknowledged().clone();
        let ops = all.as_ops();
        self.send(all);
        let result = rewrite(&mut self.store, ops);
        self.answered(&result);
        if result.is_ok() {
            self.has_lost = false;
            self.refused.clear();
        }
        result
    }

    /// Loads, and sees that nothing is there but what was acknowledged, or that with what was refused since.
    pub(crate) fn look(&mut self) {
        if self.has_lost {
            return;
        }
        let contents = load(&mut self.store).unwrap();
        assert_eq!(contents.lost, 0);
        let found = Held::of(contents);
        assert!(self.states[self.acknowledged..].contains(&found), "{:?}", self.store);
    }
}

fn name_of(op: &StoreOp) -> String {
    match op {
        StoreOp::PutRegistration(StoredRegistration { sequence, .. }) | StoreOp::RemoveRegistration(sequence) => {
            format!("registration {}", sequence.0)
        }
        StoreOp::PutProfile(_) => "profile".to_owned(),
        StoreOp::PutBudget(_) | StoreOp::RemoveBudget(..) => unreachable!("no batch has any"),
    }
}
