//! Attempts against a plain model: all that is known of each, looked at one by one.

use std::collections::BTreeMap;

use background_sync_registration::Sequence;
use background_sync_scheduler::NetworkState;
use proptest::prelude::*;

use super::*;
use crate::machine::parts::named::{at, origins, secs, workers};

#[derive(Clone, Copy, Debug)]
enum Op {
    /// Of a private partition, a last chance, begins by asking the user.
    Begin(usize, bool, bool, bool),
    Agree(usize),
    Ready(usize),
    /// A commit with its registration is sent, with calls or without.
    Send(usize, bool),
    /// The commit that carries it, or another one, is durable.
    Write(usize, bool),
    Lose,
    Dispatch(usize),
    Interrupt(usize),
    End(usize),
    Remove(usize),
}

fn op() -> impl Strategy<Value = Op> {
    let which = any::<usize>();
    prop_oneof![
        4 => (0_usize..2, any::<bool>(), any::<bool>(), any::<bool>())
            .prop_map(|(origin, private, last, asks)| Op::Begin(origin, private, last, asks)),
        1 => which.prop_map(Op::Agree),
        3 => which.prop_map(Op::Ready),
        3 => (which, any::<bool>()).prop_map(|(which, with_calls)| Op::Send(which, with_calls)),
        3 => (which, any::<bool>()).prop_map(|(which, other)| Op::Write(which, other)),
        1 => Just(Op::Lose),
        3 => which.prop_map(Op::Dispatch),
        1 => (0_usize..2).prop_map(Op::Interrupt),
        1 => which.prop_map(Op::End),
        1 => which.prop_map(Op::Remove),
    ]
}

/// An attempt of the model.
#[derive(Clone, Copy, Debug)]
struct Plain {
    origin: usize,
    private: bool,
    last_chance: bool,
    stage: Stage,
    ready: bool,
    in_commit: Option<TxnId>,
    durable: bool,
    interrupted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Asking,
    Starting,
    Running,
    Ending,
}

type Model = BTreeMap<AttemptId, Plain>;

fn one_of(model: &mut Model, which: usize) -> Option<(AttemptId, &mut Plain)> {
    let at = which % model.len().max(1);
    model.iter_mut().nth(at).map(|(id, plain)| (*id, plain))
}

fn readiness() -> Readiness {
    Readiness { network: NetworkState::online(), general_epoch: 1 }
}

proptest! {
    #[test]
    fn random_operations_go_as_in_a_plain_model(ops in prop::collection::vec(op(), 0..60)) {
        let (names, [(worker, tag)]) = (origins::<2>(), workers());
        let (mut attempts, mut model) = (Attempts::default(), Model::new());
        for (number, op) in (0_u64..).zip(ops) {
            match op {
                Op::Begin(origin, private, last_chance, asks) => {
                    let subject = Subject { worker, origin: names[origin], kind: SyncKind::OneShot, tag, sequence: Sequence(number), private };
                    let id = if asks {
                        attempts.ask(subject, last_chance, None, at(9))
                    } else {
                        attempts.start(subject, last_chance, at(9))
                    };
                    let stage = if asks { Stage::Asking } else { Stage::Starting };
                    // I12: there is nothing to write.
                    let durable = private;
                    let (ready, in_commit, interrupted) = (false, None, false);
                    model.insert(id, Plain { origin, private, last_chance, stage, ready, in_commit, durable, interrupted });
                }
                Op::Agree(which) => {
                    let Some((id, plain)) = one_of(&mut model, which).filter(|(_, plain)| plain.stage == Stage::Asking)
                    else { continue };
                    attempts.agreed(id, at(9));
                    plain.stage = Stage::Starting;
                }
                Op::Ready(which) => {
                    let Some((id, plain)) = one_of(&mut model, which) else { continue };
                    let waits = plain.stage == Stage::Starting && !plain.ready;
                    prop_assert_eq!(attempts.ready(id, readiness()), waits);
                    plain.ready |= waits;
                }
                Op::Send(which, with_calls) => {
                    let Some((id, plain)) = one_of(&mut model, which).filter(|(_, plain)| !plain.private)
                    else { continue };
                    let txn = TxnId(number);
                    let starts = plain.stage == Stage::Starting;
                    if starts && plain.last_chance && with_calls {
                        (plain.in_commit, plain.durable) = (None, false);
                    }
                    let carried = starts && !plain.durable && plain.in_commit.is_none() && !(plain.last_chance && with_calls);
                    prop_assert_eq!(attempts.sent(id, txn, with_calls), carried, "I3");
                    plain.in_commit = if carried { Some(txn) } else { plain.in_commit };
                }
                Op::Write(which, another) => {
                    let Some((id, plain)) = one_of(&mut model, which) else { continue };
                    let txn = plain.in_commit.filter(|_| !another).unwrap_or(TxnId(1_000));
                    let is_this = plain.stage == Stage::Starting && plain.in_commit == Some(txn);
                    prop_assert_eq!(attempts.is_in(id, txn), is_this);
                    prop_assert_eq!(attempts.durable(id, txn), is_this, "I5");
                    if is_this {
                        (plain.in_commit, plain.durable) = (None, true);
                    }
                }
                Op::Lose => {
                    attempts.nothing_is_written();
                    model.values_mut().for_each(|plain| plain.durable &= plain.private);
                }
                Op::Dispatch(which) => {
                    let Some((id, plain)) = one_of(&mut model, which) else { continue };
                    let can = plain.stage == Stage::Starting && plain.ready && plain.durable;
                    prop_assert_eq!(attempts.can_dispatch(id).is_some(), can, "I5");
                    if can {
                        attempts.dispatch(id, at(10), secs(60), secs(60), false);
                        plain.stage = Stage::Running;
                    }
                }
                Op::Interrupt(origin) => {
                    attempts.interrupt(|subject| subject.origin == names[origin]);
                    let runs = |plain: &&mut Plain| plain.origin == origin && plain.stage == Stage::Running;
                    model.values_mut().filter(runs).for_each(|plain| plain.interrupted = true);
                }
                Op::End(which) => {
                    let Some((id, plain)) = one_of(&mut model, which) else { continue };
                    let ended = attempts.end(id, at(20), at(25)).map(|ended| ended.interrupted);
                    prop_assert_eq!(ended, (plain.stage == Stage::Running).then_some(plain.interrupted));
                    plain.stage = if ended.is_some() { Stage::Ending } else { plain.stage };
                }
                Op::Remove(which) => {
                    let Some((id, _)) = one_of(&mut model, which) else { continue };
                    model.remove(&id);
                    prop_assert!(attempts.remove(id).is_some() && attempts.remove(id).is_none());
                }
            }
            prop_assert_eq!(attempts.ids(), model.keys().copied().collect::<Vec<_>>());
            prop_assert_eq!(attempts.any_of_profile(), model.values().any(|plain| !plain.private));
            for (number, origin) in names.into_iter().enumerate() {
                let of_origin = |plain: &&Plain| plain.origin == number;
                prop_assert_eq!(attempts.of_origin(origin), model.values().filter(of_origin).count());
                let run = model.values().filter(of_origin).filter(|plain| plain.stage == Stage::Running).count();
                prop_assert_eq!(attempts.running_of(origin, false).len(), run);
            }
            for (id, plain) in &model {
                let unsent = plain.stage == Stage::Starting && !plain.durable && plain.in_commit.is_none();
                prop_assert_eq!(attempts.get(*id).is_some_and(Attempt::is_unsent), unsent);
            }
        }
    }
}
