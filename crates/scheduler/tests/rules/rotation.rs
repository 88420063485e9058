use std::collections::BTreeSet;

use background_sync_scheduler::Rotation;
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Op {
    Join(u8),
    RejoinAtHead(u8),
    Leave(u8),
    NextTurn,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0_u8..5).prop_map(Op::Join),
        1 => (0_u8..5).prop_map(Op::RejoinAtHead),
        1 => (0_u8..5).prop_map(Op::Leave),
        4 => Just(Op::NextTurn),
    ]
}

#[test]
fn who_leaves_is_gone_and_comes_back_at_the_end_however_many_leave() {
    let mut rotation = Rotation::default();
    (0..100).for_each(|origin| rotation.join(origin));
    (0..98).for_each(|origin| rotation.leave(origin));
    rotation.join(7);
    rotation.join(98);
    rotation.rejoin_at_head(9);
    let turns: Vec<_> = std::iter::from_fn(|| rotation.next_turn()).collect();
    assert_eq!(turns, [9, 98, 99, 7]);
}

proptest! {
    /// A line of people: whoever is in it stays where they are, and the first one is next.
    #[test]
    fn it_is_a_line_in_which_everybody_stands_once(ops in prop::collection::vec(op(), 1..60)) {
        let mut rotation = Rotation::default();
        let mut line: Vec<u8> = Vec::new();
        for op in ops {
            match op {
                Op::Join(origin) => {
                    rotation.join(origin);
                    if !line.contains(&origin) {
                        line.push(origin);
                    }
                }
                Op::RejoinAtHead(origin) => {
                    rotation.rejoin_at_head(origin);
                    if !line.contains(&origin) {
                        line.insert(0, origin);
                    }
                }
                Op::Leave(origin) => {
                    rotation.leave(origin);
                    line.retain(|other| *other != origin);
                }
                Op::NextTurn => {
                    let first = (!line.is_empty()).then(|| line.remove(0));
                    prop_assert_eq!(rotation.next_turn(), first);
                }
            }
        }
    }

    /// Whoever waits has a turn before anybody else has two; those who rejoin at the head had none.
    #[test]
    fn everybody_who_waits_has_a_turn_before_anybody_has_two(ops in prop::collection::vec(op(), 1..60)) {
        let mut rotation = Rotation::default();
        let mut waits: BTreeSet<u8> = BTreeSet::new();
        // Of each one that waits: who had a turn since it began to.
        let mut overtaken_by: Vec<BTreeSet<u8>> = vec![BTreeSet::new(); 5];
        for op in ops {
            match op {
                Op::Join(origin) => {
                    rotation.join(origin);
                    if waits.insert(origin) {
                        overtaken_by[usize::from(origin)].clear();
                    }
                }
                // Its turn came to nothing, so it counts as not had.
                Op::RejoinAtHead(_) => {}
                Op::Leave(origin) => {
                    rotation.leave(origin);
                    waits.remove(&origin);
                }
                Op::NextTurn => {
                    let Some(turn) = rotation.next_turn() else {
                        prop_assert!(waits.is_empty(), "{:?} wait and nobody has a turn", waits);
                        continue;
                    };
                    prop_assert!(waits.remove(&turn), "{} has a turn and did not wait", turn);
                    for waiting in &waits {
                        let second = !overtaken_by[usize::from(*waiting)].insert(turn);
                        prop_assert!(!second, "{} had two turns while {} waited", turn, waiting);
                    }
                }
            }
        }
    }
}
