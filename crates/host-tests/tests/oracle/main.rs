//! The oracle notices: each story is told by hand, breaks one rule, and is caught for that one.

mod conditions;
mod counted;
#[cfg(feature = "periodic")]
mod periodic;
mod shown;
mod timely;
mod words;
mod younger;

use background_sync::policy::{Facts, Partition, PartitionId, WindowClients};
use background_sync::registration::{Sequence, StoredRegistration, StoredState};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{AttemptId, Input, Outcome, Output, StoreOp, TxnId};
use background_sync_host_tests::Oracle;
use words::*;

#[test]
fn a_good_story_is_believed() {
    let mut story = good(false);
    story.push((3, finished(1, Outcome::Fulfilled), vec![Output::ArmWakeUp(None), LET_GO]));
    story.push((3, tags(2), vec![listed(2, &[])]));
    assert_eq!(tell(&story), Ok(()));
}

#[test]
fn every_broken_rule_is_noticed() {
    let no_window = Facts { windows: WindowClients::none(), ..Facts::of_an_open_window() };
    let private = stored(key(Partition::Private(PartitionId(0))), StoredState::Pending(None));
    let private = Output::Commit { txn: TxnId(0), ops: vec![StoreOp::PutRegistration(private)] };
    let stories = [
        ("I1", "registered without a window", but(2, vec![(0, register(1, no_window), vec![resolved(1)])])),
        ("I2", "two events of a tag at once", two_events_at_once()),
        (
            "I3",
            "acknowledged before it is durable",
            but(2, vec![(0, register(1, Facts::of_an_open_window()), vec![resolved(1)])]),
        ),
        ("order", "the event before the promise", but(4, vec![(0, own_network(2), vec![start(1)])])),
        (
            "I4",
            "the link is gone",
            but(7, vec![(2, network(NetworkState::Offline, 2), vec![]), (2, committed(1), vec![dispatch(1, false)])]),
        ),
        (
            "I4",
            "a portal is no network",
            but(7, vec![(2, network(NetworkState::Captive, 2), vec![]), (2, committed(1), vec![dispatch(1, false)])]),
        ),
        (
            "I5",
            "the attempt is not durable",
            but(6, vec![(1, ready(1, Facts::of_an_open_window()), vec![dispatch(1, false)])]),
        ),
        ("I5", "it says something else than what is durable", but(7, vec![(2, committed(1), vec![dispatch(1, true)])])),
        ("I5", "two commits in flight", but(6, vec![(1, Input::Tick, vec![put(2, StoredState::Pending(None))])])),
        ("I7", "two replies", but(4, vec![(0, Input::Tick, vec![resolved(1)])])),
        ("I7", "dispatched out of nowhere", but(4, vec![(0, Input::Tick, vec![dispatch(9, false)])])),
        (
            "I7",
            "dispatched and abandoned",
            but(8, vec![(3, Input::Tick, vec![Output::Abandon { attempt: AttemptId(1) }])]),
        ),
        ("I10", "a fourth start of one origin", four_starts()),
        ("I12", "a private tag in the store", but(2, vec![(0, Input::Tick, vec![private])])),
        ("cap", "an event without an end", but(8, vec![(600, Input::Tick, vec![])])),
        ("getTags", "what was promised is missing", but(4, vec![(0, tags(2), vec![listed(2, &[])])])),
        ("getTags", "what nobody registered is there", but(4, vec![(0, tags(2), vec![listed(2, &["outbox", "x"])])])),
    ];
    for (invariant, what, story) in stories {
        caught(invariant, what, tell(&story));
    }
}

/// Registered twice, as two tags are; both starts are for the same one.
fn two_events_at_once() -> Story {
    let open = Facts::of_an_open_window();
    let both = vec![StoreOp::PutRegistration(stored(profile(), StoredState::Firing(false)))];
    let mut story = but(
        5,
        vec![(0, register_tag(2, "drafts", open), vec![put_tag(1, 2, "drafts", StoredState::Pending(None)), KEEP])],
    );
    story.push((0, committed(1), vec![resolved(2)]));
    story.push((0, delivered(2), vec![]));
    story.push((0, own_network(2), vec![start(1), start(2), Output::Commit { txn: TxnId(2), ops: both }]));
    story.push((1, ready(1, open), vec![]));
    story.push((1, committed(2), vec![dispatch(1, false)]));
    story.push((1, ready(2, open), vec![dispatch(2, false)]));
    story
}

/// Four tags of an origin that may have three events at once.
fn four_starts() -> Story {
    let mut story = but(2, vec![]);
    for (n, tag) in ["a", "b", "c", "d"].into_iter().enumerate() {
        let n = n as u64;
        let keep = if n == 0 { vec![KEEP] } else { vec![] };
        let commit = put_tag(n, n + 1, tag, StoredState::Pending(None));
        story.push((0, register_tag(n, tag, Facts::of_an_open_window()), [vec![commit], keep].concat()));
        story.push((0, committed(n), vec![resolved(n), arm(900)]));
        story.push((0, delivered(n), if n == 0 { vec![ask_network()] } else { vec![] }));
    }
    story.push((0, own_network(2), vec![start(1), start(2), start(3), start(4)]));
    story
}

#[test]
fn nothing_follows_a_last_chance() {
    let mut story = good(true);
    story.push((3, finished(1, Outcome::Rejected), vec![Output::ArmWakeUp(None), LET_GO]));
    let once = || parameters(|parameters| parameters.max_sync_attempts = 1);
    assert_eq!(tell_with(once(), &story), Ok(()));
    story.push((900, Input::Tick, vec![start(2)]));
    caught("order", "by then it is not even registered", tell_with(once(), &story));
}

#[test]
fn a_crash_must_not_lose_what_was_acknowledged() {
    let mut oracle = Oracle::new(SyncParameters::recommended());
    for (seconds, input, outputs) in &good(false)[..5] {
        oracle.observe(at(*seconds), input, outputs).expect("a good story");
    }
    let kept = stored(profile(), StoredState::Pending(None));
    assert_eq!(oracle.clone().process_died(std::slice::from_ref(&kept)), Ok(()));
    let twice = [kept.clone(), StoredRegistration { sequence: Sequence(2), ..kept }];
    assert_eq!(oracle.clone().process_died(&twice).expect_err("two of it").invariant, "I3");
    assert_eq!(oracle.process_died(&[]).expect_err("none of it").invariant, "I3");
}

#[test]
fn a_request_that_nobody_answers_is_missed() {
    let mut oracle = Oracle::new(SyncParameters::recommended());
    for (seconds, input, outputs) in &good(false)[..3] {
        oracle.observe(at(*seconds), input, outputs).expect("a good story");
    }
    let machine = background_sync::Machine::new(SyncParameters::recommended(), [1; 32]);
    assert_eq!(oracle.check_end(&machine).expect_err("request 1 waits").invariant, "I7");
}
