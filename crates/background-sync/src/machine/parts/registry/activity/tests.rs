//! What goes on with one tag.

use background_sync_policy::{Facts, Limits, RegistrationRequest, authorize};
use proptest::prelude::*;

use super::*;
use crate::machine::parts::named::{at, key, secs};

fn ask(request: u64) -> Ask {
    let key = key(0);
    let permit = authorize(&RegistrationRequest::new_tag(&key, 1), &Facts::of_an_open_window(), &Limits::default());
    Ask {
        request: RequestId(request),
        permit: permit.unwrap(),
        sequence: Sequence(1),
        is_first: false,
        asked_by: AskedBy::Worker,
        wanted: Wanted::OneShot,
        at: Observed::default(),
        hop: secs(3),
        while_firing: Some(2),
        txn: None,
    }
}

fn seen(asks: &[Ask]) -> Vec<(u64, Option<u64>)> {
    asks.iter().map(|ask| (ask.request.0, ask.txn.map(|txn| txn.0))).collect()
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Add,
    Sent,
    /// The commit of these is durable, or failed.
    Done,
    /// The caller of one is gone.
    Gone(usize),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![4 => Just(Op::Add), 2 => Just(Op::Sent), 2 => Just(Op::Done), 1 => (0_usize..6).prop_map(Op::Gone)]
}

proptest! {
    /// I11: calls that come while a commit is in flight share its fate, and leave in the order in which they came.
    #[test]
    fn calls_of_a_tag_go_as_in_a_plain_model(ops in prop::collection::vec(op(), 0..30)) {
        let (mut activity, mut model) = (Activity::default(), Vec::<(u64, Option<u64>)>::new());
        for (number, op) in (0_u64..).zip(ops) {
            let in_flight = model.iter().find_map(|(_, txn)| *txn);
            match op {
                Op::Add => {
                    prop_assert_eq!(activity.add(ask(number)), in_flight.is_some());
                    model.push((number, in_flight));
                }
                Op::Sent if in_flight.is_none() => {
                    activity.sent(TxnId(number));
                    model.iter_mut().for_each(|(_, txn)| *txn = Some(number));
                }
                Op::Sent => {}
                Op::Done => {
                    let taken = activity.take(|ask| ask.txn.is_some() && ask.txn.map(|txn| txn.0) == in_flight);
                    let leaving = if in_flight.is_some() { std::mem::take(&mut model) } else { Vec::new() };
                    prop_assert_eq!(seen(&taken), leaving);
                }
                Op::Gone(which) => {
                    let gone = model.get(which).copied();
                    let taken = activity.take(|ask| Some(ask.request.0) == gone.map(|(request, _)| request));
                    prop_assert_eq!(seen(&taken), Vec::from_iter(gone));
                    model.retain(|ask| Some(*ask) != gone);
                }
            }
            prop_assert_eq!(seen(activity.asks()), model.clone());
            prop_assert_eq!((activity.has_asks(), activity.is_over()), (!model.is_empty(), model.is_empty()));
        }
    }
}

/// I3: what is in flight says nothing of another interval, nor of a call behind such a one.
#[cfg(feature = "periodic")]
#[test]
fn a_call_with_another_interval_has_a_commit_of_its_own() {
    let every = |request, ms| Ask { wanted: Wanted::Periodic(MinInterval::from_ms(ms)), ..ask(request) };
    let mut activity = Activity::default();
    assert!(!activity.add(every(1, 10)));
    activity.sent(TxnId(7));
    assert!(activity.add(every(2, 10)), "the same");
    assert!(!activity.add(every(3, 20)));
    assert!(!activity.add(every(4, 10)), "it goes after the third");
    assert_eq!(seen(activity.asks()), [(1, Some(7)), (2, Some(7)), (3, None), (4, None)]);
}

#[test]
fn what_a_call_waits_for_is_what_was_known_of_it() {
    let spaced = SpacedCall { asked_by: AskedBy::Worker, hop: secs(3), while_firing: Some(2) };
    assert_eq!(ask(1).spaced(), spaced);
}

#[test]
fn an_attempt_is_ended_by_its_own_end_only() {
    let mut activity = Activity::default();
    activity.attempt_begins(AttemptId(2));
    activity.attempt_ends(AttemptId(1));
    assert_eq!((activity.attempt(), activity.is_over()), (Some(AttemptId(2)), false), "I2: that was an earlier one");
    activity.attempt_ends(AttemptId(2));
    assert_eq!((activity.attempt(), activity.is_over()), (None, true));
}

#[test]
fn the_reply_that_is_waited_for_is_the_last_that_was_sent() {
    let [first, second] = [1, 2].map(|number| Delivery { request: RequestId(number), until: at(number) });
    let mut activity = Activity::default();
    assert!(activity.await_delivery(first).is_none());
    assert_eq!(activity.await_delivery(second).map(|before| before.request), Some(RequestId(1)));
    assert!(!activity.delivered(RequestId(1)));
    assert_eq!((activity.reply_by(), activity.is_over()), (Some(at(2)), false));
    assert!(activity.take_overdue_delivery(at(1)).is_none());
    assert!(activity.take_overdue_delivery(at(2)).is_some(), "nobody spoke of it");
    assert!(activity.await_delivery(first).is_none());
    assert!(activity.delivered(RequestId(1)));
    assert_eq!((activity.reply_by(), activity.is_over()), (None, true));
}

#[test]
fn a_registration_that_is_gone_waits_for_nothing_and_its_calls_do() {
    let network = Some(7.into());
    let mut activity = Activity::default();
    activity.add(ask(1));
    activity.decline(network);
    activity.await_delivery(Delivery { request: RequestId(1), until: at(1) });
    assert_eq!(activity.declined(), network);
    assert_eq!(activity.forget_registration().map(|delivery| delivery.request), Some(RequestId(1)));
    assert_eq!((activity.declined(), activity.reply_by(), activity.has_asks()), (None, None, true));
    activity.take(|_| true);
    activity.decline(network);
    assert!(!activity.is_over(), "the network is remembered");
    activity.forget_declined();
    assert!(activity.is_over());
}
