//! The arena of all lists against a plain model of them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;

use background_sync_policy::{Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey, SyncKind};
use background_sync_registration::{
    ListId, Now, Observed, Sequence, Series, StoredRegistration, StoredState, SyncRegistration, SyncRegistrationLists,
    Tag, TagId,
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Op {
    Hold(usize, u8),
    Restore(usize, u8, u64),
    Remove(usize, u8),
    Release(usize, u8),
    /// A list is forgotten if it can be, and another one takes its place.
    Forget(usize),
}

fn op() -> impl Strategy<Value = Op> {
    let (list, tag) = (0_usize..3, 0_u8..9);
    prop_oneof![
        (list.clone(), tag.clone()).prop_map(|(list, tag)| Op::Hold(list, tag)),
        (list.clone(), tag.clone(), 1_u64..60).prop_map(|(list, tag, number)| Op::Restore(list, tag, number)),
        (list.clone(), tag.clone()).prop_map(|(list, tag)| Op::Remove(list, tag)),
        (list.clone(), tag).prop_map(|(list, tag)| Op::Release(list, tag)),
        list.prop_map(Op::Forget),
    ]
}

fn key(number: usize) -> RegistrationKey {
    let origin = Origin::parse(&format!("https://{number}.example")).unwrap();
    RegistrationKey::new(
        Partition::Profile(PartitionId(0)),
        StorageKey::first_party(origin),
        &format!("https://{number}.example/"),
        Incarnation(1),
    )
    .unwrap()
}

/// Short ones, long ones, and such as are no text.
fn tag(number: u8) -> Tag {
    match number % 3 {
        0 => Tag::from(format!("tag {number}").as_str()),
        1 => Tag::from(format!("a tag that is longer than most {number}").as_str()),
        _ => Tag::from_utf16(&[0xD800, number.into()]),
    }
}

fn registration(list: usize, number: u8, sequence: u64) -> SyncRegistration {
    let stored = StoredRegistration {
        sequence: Sequence(sequence),
        key: key(list),
        kind: SyncKind::OneShot,
        tag: tag(number),
        state: StoredState::Pending(None),
        series: Series::default(),
        registered: Observed::default(),
        network: None,
        schedule: None,
    };
    SyncRegistration::from_stored(&stored, Now::default())
}

/// What a name should find: the number of the registration, if it is registered.
type Model = BTreeMap<(usize, u8), Option<u64>>;

fn expected(model: &Model, list: usize) -> Vec<Tag> {
    let mut tags: Vec<_> = model
        .iter()
        .filter(|((of, _), _)| *of == list)
        .filter_map(|((_, tag), number)| Some(((*number)?, *tag)))
        .collect();
    tags.sort_unstable();
    tags.into_iter().map(|(_, number)| tag(number)).collect()
}

proptest! {
    #[test]
    fn random_operations_go_as_in_a_plain_model(ops in prop::collection::vec(op(), 0..80)) {
        let mut lists = SyncRegistrationLists::new();
        let mut ids: Vec<ListId> = (0..3).map(|list| lists.add_list(key(list), SyncKind::OneShot)).collect();
        let mut model = Model::new();
        let mut stale: Vec<TagId> = Vec::new();
        for op in ops {
            match op {
                Op::Hold(list, number) => {
                    let held = lists.hold(ids[list], tag(number)).unwrap();
                    prop_assert_eq!(lists.tag(held), Some(&tag(number)));
                    model.entry((list, number)).or_insert(None);
                }
                Op::Restore(list, number, sequence) => {
                    let taken = model.values().any(|other| *other == Some(sequence));
                    if let (Some(id), false) = (lists.find(ids[list], &tag(number)), taken) {
                        let restored = lists.restore(id, registration(list, number, sequence));
                        prop_assert_eq!(restored, model[&(list, number)].is_none());
                        model.entry((list, number)).and_modify(|found| *found = found.or(Some(sequence)));
                    }
                }
                Op::Remove(list, number) => {
                    let found = lists.find(ids[list], &tag(number));
                    let removed = found.and_then(|id| lists.remove(id)).map(|registration| registration.sequence().0);
                    let expected = model.get_mut(&(list, number)).and_then(Option::take);
                    prop_assert_eq!(removed, expected);
                }
                Op::Release(list, number) => {
                    if let Some(id) = lists.find(ids[list], &tag(number)) {
                        lists.release(id);
                        if model[&(list, number)].is_none() {
                            model.remove(&(list, number));
                            stale.push(id);
                        }
                    }
                }
                Op::Forget(list) => {
                    let is_unused = model.keys().all(|(of, _)| *of != list);
                    prop_assert_eq!(lists.remove_list(ids[list]), is_unused);
                    if is_unused {
                        prop_assert_eq!(lists.hold(ids[list], tag(0)), None);
                        ids[list] = lists.add_list(key(list), SyncKind::OneShot);
                    }
                }
            }
            lists.check_invariants().map_err(TestCaseError::fail)?;
            for (list, id) in ids.iter().enumerate() {
                prop_assert_eq!(lists.tags(*id), expected(&model, list));
            }
            prop_assert!(stale.iter().all(|id| lists.tag(*id).is_none()), "a stale name finds nothing");
            for ((list, number), sequence) in &model {
                let id = lists.find(ids[*list], &tag(*number));
                let found = id.and_then(|id| lists.get(id)).map(|registration| registration.sequence().0);
                prop_assert_eq!((id.is_some(), found), (true, *sequence));
            }
        }
    }
}

#[test]
fn a_list_with_registrations_or_names_is_not_forgotten() {
    let mut lists = SyncRegistrationLists::new();
    let list = lists.add_list(key(0), SyncKind::OneShot);
    let held = lists.hold(list, tag(1)).unwrap();
    assert!(lists.restore(held, registration(0, 1, 1)));
    assert!(!lists.remove_list(list));
    lists.remove(held);
    assert!(!lists.remove_list(list), "the tag has a name still");
    lists.release(held);
    assert!(lists.remove_list(list));
    assert_eq!(lists.key(list), None);
}
