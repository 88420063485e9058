//! Requests against a plain model: one list of all, in the order of calls.

use background_sync_policy::SyncKind;
use proptest::prelude::*;

use super::*;
use crate::machine::parts::named::{origins, workers};

#[derive(Clone, Copy, Debug)]
enum Op {
    Wait(usize),
    Tags(usize),
    InTurn(usize),
    Decide(usize, u64),
    Next(usize),
    GiveUp(usize),
}

fn op() -> impl Strategy<Value = Op> {
    let worker = 0_usize..3;
    prop_oneof![
        4 => worker.clone().prop_map(Op::Wait),
        2 => worker.clone().prop_map(Op::Tags),
        2 => worker.clone().prop_map(Op::InTurn),
        4 => (worker.clone(), 0_u64..40).prop_map(|(worker, request)| Op::Decide(worker, request)),
        4 => worker.clone().prop_map(Op::Next),
        1 => worker.prop_map(Op::GiveUp),
    ]
}

/// A request of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Asked {
    worker: usize,
    request: RequestId,
    is: Is,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    Undecided,
    Decided,
    Tags,
}

const DECIDED: Reply = Reply::Cancelled(Ok(true));

fn listed() -> Reply {
    Reply::Tags(Ok(vec!["outbox".into()]))
}

proptest! {
    #[test]
    fn random_operations_go_as_in_a_plain_model(ops in prop::collection::vec(op(), 0..60)) {
        let names = workers::<3>();
        // Two workers of one origin, and one of another.
        let [first, second] = origins();
        let asker = |worker: usize| Asker { worker: names[worker].0, origin: [first, first, second][worker] };
        let (mut replies, mut model) = (Replies::default(), Vec::<Asked>::new());
        let mut params = SyncParameters::recommended().into_parameters();
        params.max_queued_requests = 6;
        params.max_queued_requests_per_origin = 4;
        for (number, op) in (0..).zip(ops) {
            let request = RequestId(number);
            match op {
                Op::Wait(worker) => {
                    replies.wait(asker(worker), request);
                    model.push(Asked { worker, request, is: Is::Undecided });
                }
                Op::Tags(worker) => {
                    replies.wait_for_tags(asker(worker), request, SyncKind::OneShot);
                    model.push(Asked { worker, request, is: Is::Tags });
                }
                Op::InTurn(worker) => {
                    let waits = model.iter().any(|asked| asked.worker == worker);
                    let left = replies.in_turn(asker(worker), request, DECIDED);
                    prop_assert_eq!(left, (!waits).then_some(DECIDED), "I7: in call order");
                    if waits {
                        model.push(Asked { worker, request, is: Is::Decided });
                    }
                }
                Op::Decide(worker, request) => {
                    let asked = Asked { worker, request: RequestId(request), is: Is::Undecided };
                    let waiting = model.iter_mut().find(|waiting| **waiting == asked);
                    let decided = waiting.map(|waiting| waiting.is = Is::Decided).is_some();
                    prop_assert_eq!(replies.decide(asker(worker).worker, asked.request, DECIDED), decided);
                }
                Op::Next(worker) => {
                    let head = model.iter().position(|asked| asked.worker == worker);
                    let expected = match head.map(|at| (at, model[at])) {
                        None => Next::Nothing,
                        Some((_, Asked { is: Is::Undecided, .. })) => Next::Undecided,
                        Some((at, Asked { request, is, .. })) => {
                            model.remove(at);
                            Next::Reply(request, if is == Is::Tags { listed() } else { DECIDED })
                        }
                    };
                    prop_assert_eq!(replies.next(asker(worker), |_, _| vec!["outbox".into()]), expected);
                }
                Op::GiveUp(worker) => {
                    let given_up = replies.give_up(asker(worker)).into_iter().map(|(request, _)| request);
                    let all = model.extract_if(.., |asked| asked.worker == worker).map(|asked| asked.request);
                    prop_assert_eq!(given_up.collect::<Vec<_>>(), all.collect::<Vec<_>>());
                }
            }
            for (number, (worker, _)) in names.into_iter().enumerate() {
                let waiting = model.iter().filter(|asked| asked.worker == number).count();
                prop_assert_eq!((replies.len_of(worker), replies.none_waits(worker)), (waiting, waiting == 0));
            }
            let of_first = model.iter().filter(|asked| asked.worker < 2).count();
            prop_assert_eq!(replies.queued_of(first), of_first);
            prop_assert_eq!(replies.has_room(Some(first), &params), model.len() < 6 && of_first < 4);
            prop_assert_eq!(replies.has_room(None, &params), model.len() < 6);
        }
    }
}

/// A later call takes a tag away: `getTags` lists it where it was made before that call, and after the tag's registration.
#[cfg(feature = "periodic")]
#[test]
fn what_was_taken_since_is_listed_by_those_who_asked_before() {
    let [(worker, _)] = workers::<1>();
    let asker = Asker { worker, origin: origins::<1>()[0] };
    let listed = |replies: &mut Replies| {
        std::iter::from_fn(|| {
            match replies.next(asker, |_, taken| taken.iter().map(|taken| taken.tag.clone()).collect()) {
                Next::Reply(RequestId(request), Reply::Tags(Ok(tags))) => Some((request, tags)),
                Next::Reply(..) => Some((0, Vec::new())),
                Next::Undecided | Next::Nothing => None,
            }
        })
        .filter(|(request, _)| *request > 0)
        .collect::<Vec<_>>()
    };
    let taken = |tag: &str| Taken { sequence: Sequence(1), tag: tag.into() };
    let mut replies = Replies::default();
    replies.wait(asker, RequestId(100));
    replies.wait_for_tags(asker, RequestId(1), SyncKind::Periodic);
    replies.wait(asker, RequestId(200));
    replies.wait_for_tags(asker, RequestId(2), SyncKind::Periodic);
    replies.wait_for_tags(asker, RequestId(3), SyncKind::OneShot);
    replies.taken(worker, SyncKind::Periodic, taken("asked for in between"), Some(RequestId(200)));
    replies.taken(worker, SyncKind::Periodic, taken("registered"), None);
    replies.wait_for_tags(asker, RequestId(4), SyncKind::Periodic);
    for request in [100, 200] {
        assert!(replies.decide(worker, RequestId(request), DECIDED));
    }
    let expected = [
        (1, vec!["registered".into()]),
        (2, vec!["asked for in between".into(), "registered".into()]),
        (3, Vec::new()),
        (4, Vec::new()),
    ];
    assert_eq!(listed(&mut replies), expected);
}
