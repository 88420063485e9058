//! The queues against a plain model: every registration with what it waits for, looked at one by one.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;

use background_sync_policy::{
    Incarnation, Origin as OriginName, Partition, PartitionId, RegistrationKey, StorageKey, SyncKind,
};
use background_sync_registration::{
    ListId, Now, Observed, Series, StoredRegistration, StoredState, SyncRegistration, WallTime,
};
use proptest::prelude::*;

use super::*;
use crate::machine::parts::Origins;
use crate::machine::parts::origins::Origin;

#[derive(Clone, Debug)]
enum Op {
    File(u8, Stands, Option<u64>),
    Remove(u8),
    PopDue(u64),
    TakeOld(u64),
}

/// A standing with its moment in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Ready,
    Until(u64),
    BackingOff(u64, bool),
    Elsewhere,
    Conditional(u64),
    Held,
}

/// A registration of the model: its origin, whether it is private, its age, and where it was filed last.
#[derive(Clone, Copy, Debug)]
struct Filed {
    second: bool,
    age: u64,
    aged: bool,
    stands: Stands,
}

fn stands() -> impl Strategy<Value = Stands> {
    prop_oneof![
        Just(Stands::Ready),
        (0_u64..20).prop_map(Stands::Until),
        (0_u64..20, any::<bool>()).prop_map(|(at, deferred)| Stands::BackingOff(at, deferred)),
        Just(Stands::Elsewhere),
        (0_u64..20).prop_map(Stands::Conditional),
        Just(Stands::Held),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (0_u8..12, stands(), prop::option::of(0_u64..20)).prop_map(|(tag, at, renewed)| Op::File(tag, at, renewed)),
        2 => (0_u8..12).prop_map(Op::Remove),
        2 => (0_u64..20).prop_map(Op::PopDue),
        1 => (0_u64..20).prop_map(Op::TakeOld),
    ]
}

fn at(seconds: u64) -> MonotonicTime {
    MonotonicTime::from_start(Duration::from_secs(seconds))
}

impl Stands {
    fn standing(self) -> Standing {
        match self {
            Self::Ready => Standing::Ready,
            Self::Until(seconds) => Standing::Until(at(seconds)),
            Self::BackingOff(seconds, deferred) => Standing::BackingOff { until: at(seconds), deferred },
            Self::Elsewhere => Standing::Elsewhere,
            Self::Conditional(seconds) => Standing::Conditional(at(seconds)),
            Self::Held => Standing::Held,
        }
    }

    fn until(self) -> Option<u64> {
        match self {
            Self::Until(seconds) | Self::BackingOff(seconds, _) | Self::Conditional(seconds) => Some(seconds),
            Self::Ready | Self::Elsewhere | Self::Held => None,
        }
    }
}

struct Room {
    places: Places,
    lists: SyncRegistrationLists,
    list: ListId,
    key: RegistrationKey,
    origins: [OriginIx; 2],
}

impl Room {
    fn new() -> Self {
        let name = OriginName::parse("https://a.example").unwrap();
        let partition = Partition::Profile(PartitionId(0));
        let key = RegistrationKey::new(
            partition,
            StorageKey::first_party(name.clone()),
            "https://a.example/",
            Incarnation(1),
        )
        .unwrap();
        let mut lists = SyncRegistrationLists::new();
        let list = lists.add_list(key.clone(), SyncKind::OneShot);
        let mut origins = Origins::default();
        let origins =
            [0, 1].map(|id| origins.add(Origin::new(Partition::Profile(PartitionId(id)), name.clone(), 1, 0)).unwrap());
        Self { places: Places::default(), lists, list, key, origins }
    }

    /// Each tag has its number as its name; its sequence number is that, and its origin every other.
    fn tag(&mut self, number: u8) -> TagId {
        self.lists.hold(self.list, number.to_string().as_str().into()).unwrap()
    }

    fn file(&mut self, number: u8, filed: Filed, renewed: bool) {
        let tag = self.tag(number);
        let registered = Observed { wall: WallTime::default(), running: Duration::from_secs(filed.age) };
        let stored = StoredRegistration {
            sequence: Sequence(number.into()),
            key: self.key.clone(),
            kind: SyncKind::OneShot,
            tag: number.to_string().as_str().into(),
            state: StoredState::Pending(None),
            series: Series::default(),
            registered,
            network: None,
            schedule: None,
        };
        self.lists.remove(tag);
        self.lists.restore(tag, SyncRegistration::from_stored(&stored, Now::default()));
        let card = Card {
            tag,
            sequence: Sequence(number.into()),
            lane: self.origins[usize::from(filed.second)].lane(SyncKind::OneShot),
            worker: 1,
            private: filed.second,
            registered: registered.running,
            ages: true,
            renewed,
            standing: filed.stands.standing(),
        };
        self.places.file(card, &self.lists);
    }

    fn numbers(&self, tags: impl IntoIterator<Item = TagId>) -> Vec<u8> {
        let sequence = |tag| u8::try_from(self.lists.get(tag).unwrap().sequence().0).unwrap();
        tags.into_iter().map(sequence).collect()
    }
}

type Model = BTreeMap<u8, Filed>;

fn those(model: &Model, second: bool, which: impl Fn(Stands) -> bool) -> Vec<u8> {
    let those = model.iter().filter(|(_, filed)| filed.second == second && which(filed.stands));
    those.map(|(number, _)| *number).collect()
}

fn first_wait(model: &Model, which: impl Fn(&Filed) -> bool) -> Option<(u64, u8)> {
    let waits = model.iter().filter(|(_, filed)| which(filed));
    waits.filter_map(|(number, filed)| Some((filed.stands.until()?, *number))).min()
}

proptest! {
    #[test]
    fn random_operations_go_as_in_a_plain_model(ops in prop::collection::vec(op(), 0..60)) {
        let mut room = Room::new();
        let mut model = Model::new();
        for op in ops {
            match op {
                Op::File(number, stands, renewed) => {
                    let before = model.get(&number).copied();
                    let age = renewed.or(before.map(|filed| filed.age)).unwrap_or(3);
                    let filed = Filed { second: number % 2 == 1, age, aged: true, stands };
                    model.insert(number, filed);
                    room.file(number, filed, renewed.is_some());
                }
                Op::Remove(number) => {
                    if let Some(filed) = model.remove(&number) {
                        let tag = room.tag(number);
                        room.lists.remove(tag);
                        room.places.remove(tag, room.origins[usize::from(filed.second)], &room.lists);
                        room.lists.release(tag);
                    }
                }
                Op::PopDue(now) => {
                    let expected = first_wait(&model, |_| true).filter(|(until, _)| *until <= now);
                    let popped = room.places.pop_due(at(now), &room.lists);
                    prop_assert_eq!(room.numbers(popped), Vec::from_iter(expected.map(|(_, number)| number)));
                    if let Some((_, number)) = expected {
                        // Whoever takes it out files it anew.
                        let filed = Filed { stands: Stands::Ready, aged: true, ..model[&number] };
                        model.insert(number, filed);
                        room.file(number, filed, false);
                    }
                }
                Op::TakeOld(until) => {
                    let mut old = room.places.take_old(|age| age <= Duration::from_secs(until), &room.lists);
                    old.sort_by_key(|tag| room.lists.get(*tag).unwrap().sequence());
                    let expected: Vec<_> =
                        model.iter().filter(|(_, filed)| filed.aged && filed.age <= until).map(|(n, _)| *n).collect();
                    prop_assert_eq!(room.numbers(old), expected.clone());
                    for number in expected {
                        model.entry(number).and_modify(|filed| filed.aged = false);
                    }
                }
            }
            room.places.check(&room.lists).map_err(TestCaseError::fail)?;
            compare(&room, &model)?;
        }
    }
}

fn compare(room: &Room, model: &Model) -> Result<(), TestCaseError> {
    let (places, lists) = (&room.places, &room.lists);
    for second in [false, true] {
        let origin = room.origins[usize::from(second)];
        let ready = those(model, second, |stands| stands == Stands::Ready);
        let first = places.first_ready(origin.lane(SyncKind::OneShot), lists);
        prop_assert_eq!(room.numbers(first), Vec::from_iter(ready.first().copied()));
        prop_assert_eq!(places.has_ready(origin.lane(SyncKind::OneShot)), !ready.is_empty());
        let waiting = those(model, second, |stands| matches!(stands, Stands::BackingOff(_, false)));
        prop_assert_eq!(room.numbers(places.waiting(origin, lists)), waiting);
        let is_bound = |stands| matches!(stands, Stands::Ready | Stands::Elsewhere | Stands::Conditional(_));
        let bound = those(model, second, is_bound);
        prop_assert_eq!(room.numbers(places.network_bound(origin, lists)), bound);
        let conditional = those(model, second, |stands| matches!(stands, Stands::Conditional(_)));
        prop_assert_eq!(
            room.numbers(places.condition_bound(origin.lane(SyncKind::OneShot), false, lists)),
            conditional.clone()
        );
        let with_ready = [conditional, ready].concat();
        prop_assert_eq!(room.numbers(places.condition_bound(origin.lane(SyncKind::OneShot), true, lists)), with_ready);
    }
    prop_assert_eq!(places.next_wait(), first_wait(model, |_| true).map(|(until, _)| at(until)));
    let of_profile = first_wait(model, |filed| !filed.second).map(|(until, _)| at(until));
    prop_assert_eq!(places.next_wait_of_profile(), of_profile);
    if let Some(first) = places.next_conditional_of_profile(lists) {
        let first = room.numbers([first])[0];
        prop_assert_eq!(model[&first].stands, Stands::Conditional(of_profile.unwrap().since_start().as_secs()));
    } else {
        let only = |filed: &Filed| !filed.second && !matches!(filed.stands, Stands::Conditional(_));
        let other = first_wait(model, only).map(|(until, _)| at(until));
        prop_assert_eq!(of_profile, other, "something else waits no longer");
    }
    let oldest = model.values().filter(|filed| filed.aged).map(|filed| Duration::from_secs(filed.age)).min();
    prop_assert_eq!(places.oldest(lists), oldest);
    Ok(())
}
