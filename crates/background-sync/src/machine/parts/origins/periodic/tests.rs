use std::collections::BTreeMap;

use background_sync_policy::{Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey, SyncKind};
use background_sync_registration::SyncRegistrationLists;
use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Op {
    File(u8, i64),
    Remove(u8),
    Give(u8),
    Take(u8),
}

fn op() -> impl Strategy<Value = Op> {
    let tag = || 0_u8..6;
    prop_oneof![
        3 => (tag(), 0_i64..9).prop_map(|(tag, over)| Op::File(tag, over)),
        1 => tag().prop_map(Op::Remove),
        2 => tag().prop_map(Op::Give),
        2 => tag().prop_map(Op::Take),
    ]
}

fn names() -> Vec<TagId> {
    let origin = Origin::parse("https://a.example").unwrap();
    let (partition, storage_key) = (Partition::Profile(PartitionId(0)), StorageKey::first_party(origin));
    let key = RegistrationKey::new(partition, storage_key, "https://a.example/", Incarnation(1)).unwrap();
    let mut lists = SyncRegistrationLists::new();
    let list = lists.add_list(key, SyncKind::Periodic);
    (0..6).map(|n| lists.hold(list, n.to_string().as_str().into()).unwrap()).collect()
}

proptest! {
    /// A plain table of who has a turn, and who waits since when.
    #[test]
    fn random_operations_go_as_in_a_plain_table(ops in prop::collection::vec(op(), 0..60)) {
        let names = names();
        let mut periodic = Periodic::default();
        let mut table: BTreeMap<u8, Option<i64>> = BTreeMap::new();
        for op in ops {
            match op {
                Op::File(n, over) => {
                    periodic.file(names[usize::from(n)], Sequence(n.into()), WallTime::from_unix_ms(over));
                    if table.get(&n) != Some(&None) {
                        table.insert(n, Some(over));
                    }
                }
                Op::Remove(n) => {
                    prop_assert_eq!(periodic.remove(names[usize::from(n)]), table.remove(&n).is_some());
                }
                Op::Give(n) if table.contains_key(&n) => {
                    periodic.give_turn(names[usize::from(n)], MonotonicTime::ZERO);
                    table.insert(n, None);
                }
                Op::Take(n) if table.get(&n) == Some(&None) => {
                    periodic.take_turn(names[usize::from(n)]);
                    table.remove(&n);
                }
                Op::Give(_) | Op::Take(_) => {}
            }
            let mut waiting: Vec<_> = table.iter().filter_map(|(n, over)| Some(((*over)?, *n))).collect();
            waiting.sort_unstable();
            let name = |(_, n): &(i64, u8)| names[usize::from(*n)];
            prop_assert_eq!(periodic.first(), waiting.first().map(name));
            let over: Vec<_> = waiting.iter().filter(|(over, _)| *over <= 4).map(name).collect();
            prop_assert_eq!(periodic.over_by(WallTime::from_unix_ms(4)).collect::<Vec<_>>(), over);
            let has_turn = table.values().any(Option::is_none);
            prop_assert_eq!(periodic.turn_since().is_some(), has_turn);
            prop_assert_eq!(periodic.with_turn().count(), table.values().filter(|over| over.is_none()).count());
            prop_assert_eq!(periodic.len(), table.len());
            for (n, over) in &table {
                let at = WallTime::from_unix_ms(over.unwrap_or(0));
                prop_assert!(periodic.agrees(names[usize::from(*n)], Sequence((*n).into()), at));
                let turn = if over.is_none() { Turn::Given } else { Turn::NotGiven };
                prop_assert_eq!(periodic.turn_of(names[usize::from(*n)]), turn);
            }
        }
    }
}

#[test]
fn those_that_are_judged_together_are_paid_for_once() {
    let names = names();
    let params = SyncParameters::recommended().into_parameters().with(|it| {
        it.periodic.visits = it.periodic.visits.with_second_slot(true);
    });
    let hours = |n: i64| WallTime::from_unix_ms(n * 3_600_000);
    let mut periodic = Periodic::default();
    periodic.kept_mut().registered(hours(0));
    for tag in &names[..2] {
        periodic.give_turn(*tag, MonotonicTime::ZERO);
    }
    periodic.fired(hours(24), &params);
    periodic.fired(hours(24), &params);
    let earliest = periodic.kept().pace().earliest(Duration::from_secs(12 * 3_600), &params.periodic);
    assert_eq!(earliest, Some(hours(28)), "there is a second token");
    names[..2].iter().for_each(|tag| periodic.take_turn(*tag));
    periodic.give_turn(names[2], MonotonicTime::ZERO);
    periodic.fired(hours(28), &params);
    let earliest = periodic.kept().pace().earliest(Duration::from_secs(12 * 3_600), &params.periodic);
    assert_eq!(earliest, Some(hours(36)), "and no third one");
}
