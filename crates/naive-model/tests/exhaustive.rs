//! Every operation in every state of the small world, up to a depth.

use background_sync_naive_model::{INVARIANTS, Op, States, Twin, WorkerId, explore, replay};

/// Operations, the states they lead to, and how often a machine was looked at. Without optimization it takes many times as
/// long. The command goes further: see the example `exhaustive`.
const PINNED: (usize, usize, usize) = if cfg!(debug_assertions) { (2, 1_757, 12_405) } else { (4, 146_098, 379_952) };

#[test]
fn machines_do_what_the_texts_say_in_every_state_and_what_always_holds_holds() {
    let (depth, states, steps) = PINNED;
    let found = States::up_to(depth);
    assert_eq!(found.len(), states, "{:?}", found.by_depth());
    let totals = explore(&found, 2).unwrap_or_else(|found| panic!("{found}"));
    assert_eq!(totals.steps, steps);
    for (invariant, times) in INVARIANTS.iter().zip(totals.twins) {
        match invariant.sometimes {
            Twin::Happens(what, _) => assert!(times > 0, "{}: never happened: {what}", invariant.name),
            Twin::Cannot(why) => assert!(!why.is_empty(), "{}", invariant.name),
        }
    }
}

#[test]
fn time_stands_in_no_state() {
    let later = [Op::Register { worker: WorkerId(0), tag: 0 }, Op::Pass { minutes: 500 }, Op::Pass { minutes: 7 }];
    let mut keys = Vec::new();
    for history in [&later[..1], &later[..2], &later] {
        replay(history).unwrap_or_else(|found| panic!("{found}"));
        let mut agent = background_sync_naive_model::Agent::new();
        history.iter().for_each(|op| {
            agent.apply(*op);
        });
        keys.push(agent.key());
    }
    assert!(keys.iter().all(|key| *key == keys[0]), "a registration that waits for a link is the same at any time");
}
