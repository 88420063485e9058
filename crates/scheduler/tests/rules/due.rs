use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use background_sync_registration::MonotonicTime;
use background_sync_scheduler::DueQueue;
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Op {
    Set(u8, u64),
    Cancel(u8),
    PopDue(u64),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0_u8..30, 0_u64..10).prop_map(|(thing, at)| Op::Set(thing, at)),
        1 => (0_u8..30).prop_map(Op::Cancel),
        3 => (0_u64..10).prop_map(Op::PopDue),
    ]
}

fn at(seconds: u64) -> MonotonicTime {
    MonotonicTime::from_start(Duration::from_secs(seconds))
}

proptest! {
    /// I8: a thing has one moment, the last one it was given, and comes out once that has come, the earliest first.
    #[test]
    fn i8_a_thing_has_the_last_moment_it_was_given_and_comes_out_once(ops in prop::collection::vec(op(), 1..200)) {
        let mut queue = DueQueue::default();
        let mut moments: BTreeMap<u8, MonotonicTime> = BTreeMap::new();
        for op in ops {
            match op {
                Op::Set(thing, seconds) => {
                    queue.set(thing, at(seconds));
                    moments.insert(thing, at(seconds));
                }
                Op::Cancel(thing) => prop_assert_eq!(queue.cancel(thing), moments.remove(&thing).is_some()),
                Op::PopDue(now) => {
                    let first = moments.iter().map(|(thing, at)| (*at, *thing)).min();
                    let due = first.filter(|(moment, _)| *moment <= at(now)).map(|(_, thing)| thing);
                    prop_assert_eq!(queue.pop_due(at(now)), due);
                    due.map(|thing| moments.remove(&thing));
                }
            }
            prop_assert_eq!(queue.next_deadline(), moments.values().min().copied());
            for then in 0..10 {
                let due: BTreeSet<_> = queue.due_by(at(then)).collect();
                let those = moments.iter().filter(|(_, moment)| **moment <= at(then)).map(|(thing, _)| *thing);
                prop_assert_eq!(due, those.collect::<BTreeSet<_>>());
            }
            prop_assert_eq!((queue.len(), queue.is_empty()), (moments.len(), moments.is_empty()));
        }
    }
}
