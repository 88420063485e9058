//! Random histories: what the machine does is what the texts say, step by step.

use background_sync_naive_model::{Agent, Kind, MachineUnderTest, Op, OriginId, TAGS, Tag, WORKERS, WorkerId};
use proptest::prelude::*;

fn worker() -> impl Strategy<Value = WorkerId> {
    (0..WORKERS).prop_map(WorkerId)
}

/// The first of each origin.
fn periodic_worker() -> impl Strategy<Value = WorkerId> {
    prop::sample::select(vec![WorkerId(0), WorkerId(2)])
}

fn tag() -> impl Strategy<Value = Tag> {
    0..TAGS
}

fn origin() -> impl Strategy<Value = OriginId> {
    prop::sample::select(OriginId::ALL.to_vec())
}

fn kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![Kind::OneShot, Kind::Periodic])
}

fn minutes() -> impl Strategy<Value = u16> {
    prop_oneof![2 => 0..10_u16, 2 => 50..70_u16, 3 => 600..800_u16, 1 => 1_400..3_000_u16]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (worker(), tag()).prop_map(|(worker, tag)| Op::Register { worker, tag }),
        5 => (periodic_worker(), tag(), prop::sample::select(vec![0, 1, 13, 24]))
            .prop_map(|(worker, tag, hours)| Op::RegisterPeriodic { worker, tag, hours }),
        1 => (periodic_worker(), tag()).prop_map(|(worker, tag)| Op::UnregisterPeriodic { worker, tag }),
        3 => Just(Op::Online),
        1 => Just(Op::Offline),
        8 => (0..8_usize, any::<bool>()).prop_map(|(nth, fulfilled)| Op::Settle { nth, fulfilled }),
        1 => (origin(), prop::bool::weighted(0.7)).prop_map(|(origin, open)| Op::Windows { origin, open }),
        1 => (origin(), kind(), prop::bool::weighted(0.7))
            .prop_map(|(origin, kind, granted)| Op::Permission { origin, kind, granted }),
        1 => (kind(), prop::bool::weighted(0.7)).prop_map(|(kind, on)| Op::Switch { kind, on }),
        1 => worker().prop_map(|worker| Op::Unregister { worker }),
        2 => worker().prop_map(|worker| Op::Install { worker }),
        1 => Just(Op::Crash),
        6 => minutes().prop_map(|minutes| Op::Pass { minutes }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_machine_does_what_the_texts_say(history in prop::collection::vec(op(), 1..60)) {
        let (mut agent, mut machine) = (Agent::new(), MachineUnderTest::new());
        for (at, op) in history.into_iter().enumerate() {
            prop_assert_eq!(agent.apply(op), machine.apply(op), "the reply to operation {}, {:?}", at, op);
            prop_assert_eq!(agent.seen(), machine.seen(), "after operation {}, {:?}", at, op);
            prop_assert_eq!(machine.broken(), None, "after operation {}, {:?}", at, op);
        }
    }
}
