//! The journal against a plain model: what is noted, what is on its way, and what the store has.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::machine::parts::named::{at, secs, workers};

#[derive(Clone, Copy, Debug)]
enum Op {
    Note(u64),
    NoteProfile,
    Hurry,
    CanWait,
    Flush,
    Succeed,
    Fail,
    Lose,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (1_u64..9).prop_map(Op::Note),
        1 => Just(Op::NoteProfile),
        3 => Just(Op::Hurry),
        1 => Just(Op::CanWait),
        6 => Just(Op::Flush),
        4 => Just(Op::Succeed),
        2 => Just(Op::Fail),
        1 => Just(Op::Lose),
    ]
}

#[derive(Debug, Default)]
struct Model {
    noted: BTreeSet<u64>,
    profile: bool,
    urgent: bool,
    waits: bool,
    lost: bool,
    failures: u32,
    sent: Option<Sent>,
    commits: u64,
}

/// A commit of the model.
#[derive(Clone, Debug)]
struct Sent {
    txn: TxnId,
    numbers: BTreeSet<u64>,
    profile: bool,
    rewrite: bool,
}

impl Model {
    fn is_clean(&self) -> bool {
        self.noted.is_empty() && !self.profile && !self.lost
    }

    fn has_written(&self, number: u64) -> bool {
        let on_its_way = self.sent.as_ref().is_some_and(|sent| sent.numbers.contains(&number));
        !self.lost && !self.noted.contains(&number) && !on_its_way
    }

    /// 1, 2, 4, ... seconds, and a minute at most.
    fn retry(&self) -> Duration {
        secs([1, 2, 4, 8, 16, 32].get(self.failures as usize - 1).copied().unwrap_or(60))
    }
}

/// Sends what is noted, as the machine does.
fn flush(journal: &mut Journal, model: &mut Model) -> Result<(), TestCaseError> {
    prop_assert_eq!(journal.is_due(), model.urgent && model.sent.is_none());
    if !journal.is_due() {
        return Ok(());
    }
    (model.urgent, model.waits) = (false, false);
    journal.settle_down();
    if journal.is_clean() {
        return Ok(());
    }
    let rewrite = journal.is_rewrite();
    let (txn, carried) = journal.take();
    let numbers: BTreeSet<_> = carried.registrations().map(|(sequence, _)| sequence.0).collect();
    prop_assert_eq!(&numbers, &std::mem::take(&mut model.noted));
    let profile = journal.profile_to_write(Duration::ZERO, [0; 2].into(), Vec::new);
    let expected = std::mem::take(&mut model.profile);
    prop_assert_eq!(profile.is_some(), expected);
    prop_assert_eq!((txn, rewrite), (TxnId(model.commits), model.lost));
    model.commits += 1;
    journal.sent(txn, carried, profile, Vec::new());
    model.sent = Some(Sent { txn, numbers, profile: expected, rewrite });
    Ok(())
}

fn fail(journal: &mut Journal, model: &mut Model, tag: TagId) -> Result<(), TestCaseError> {
    let txn = model.sent.as_ref().map_or(TxnId(99), |sent| sent.txn);
    let failed = journal.failed(txn, at(10));
    let Some(sent) = model.sent.take() else {
        prop_assert!(failed.is_none());
        return Ok(());
    };
    model.failures += 1;
    let (failed, retry_at) = failed.unwrap();
    prop_assert_eq!(retry_at, at(10).after(model.retry()));
    // All that it carried is written again.
    for (sequence, _) in failed.registrations() {
        journal.note_too(sequence, tag);
    }
    journal.note_again(failed);
    model.noted.extend(sent.numbers);
    model.profile |= sent.profile;
    Ok(())
}

proptest! {
    #[test]
    fn random_operations_go_as_in_a_plain_model(ops in prop::collection::vec(op(), 0..60)) {
        let [(_, tag)] = workers();
        let (mut journal, mut model) = (Journal::default(), Model::default());
        // Numbers enough are reserved, so the profile's record is written when somebody asks for it.
        journal.numbers.reserved(Sequence(1_000));
        for op in ops {
            match op {
                Op::Note(number) => {
                    journal.note(Sequence(number), tag);
                    model.noted.insert(number);
                }
                Op::NoteProfile => {
                    journal.note_profile();
                    model.profile = true;
                }
                Op::Hurry => {
                    journal.hurry();
                    model.urgent = true;
                }
                Op::CanWait => {
                    let sets_timer = !std::mem::replace(&mut model.waits, true);
                    prop_assert_eq!(journal.can_wait(), sets_timer);
                }
                Op::Flush => flush(&mut journal, &mut model)?,
                Op::Succeed => {
                    let txn = model.sent.as_ref().map_or(TxnId(99), |sent| sent.txn);
                    let done = journal.succeeded(txn);
                    prop_assert_eq!(done.is_some(), model.sent.is_some());
                    if let (Some((_, had_failed)), Some(sent)) = (done, model.sent.take()) {
                        prop_assert_eq!(had_failed, model.failures > 0);
                        model.failures = 0;
                        model.lost &= !sent.rewrite;
                    }
                }
                Op::Fail => fail(&mut journal, &mut model, tag)?,
                Op::Lose => {
                    journal.contents_lost();
                    model.lost = true;
                    fail(&mut journal, &mut model, tag)?;
                }
            }
            prop_assert_eq!(journal.is_clean(), model.is_clean());
            prop_assert_eq!(journal.is_written(), model.is_clean() && model.sent.is_none());
            prop_assert_eq!(journal.retry_at().is_some(), model.failures > 0);
            for number in 1..9 {
                prop_assert_eq!(journal.has_written(Sequence(number)), model.has_written(number), "{}", number);
            }
        }
    }
}

/// What nothing came of needs no removal, unless a commit with that number may be on the disk.
#[test]
fn what_was_never_sent_is_forgotten_while_the_store_works() {
    let [(_, tag)] = workers();
    for store_fails in [false, true] {
        let mut journal = Journal { failures: u32::from(store_fails), ..Journal::default() };
        let number = journal.give_number();
        journal.note(number, tag);
        journal.never_sent(number);
        assert_eq!(journal.has_written(number), !store_fails);
        assert_eq!(journal.give_number(), number, "it is given again");
    }
}

#[test]
fn the_running_time_rides_along_when_it_is_far_behind() {
    let mut journal = Journal { running: secs(100), ..Journal::default() };
    journal.numbers.reserved(Sequence(1_000));
    let mut running = |at| Some(journal.profile_to_write(secs(at), [0; 2].into(), Vec::new)?.running);
    assert_eq!(running(3_699), None);
    assert_eq!(running(3_700), Some(secs(3_700)));
}
