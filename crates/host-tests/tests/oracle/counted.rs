//! Attempts, free outcomes, age, background time, shares: what the rules count, the oracle counts too.

use std::time::Duration;

use background_sync::policy::{Facts, WindowClients};
use background_sync::registration::{Series, StoredRegistration, StoredState, StoredWait};
use background_sync::{ClearedScope, Input, Outcome, Output, RegisterError, Reply, RequestId, StoreOp, TxnId};

use crate::words::*;

fn series(attempts: u32, free_in_a_row: u32, free_in_all: u32) -> Series {
    Series::new(attempts, free_in_a_row, free_in_all)
}

/// What is written while the registration waits for its next attempt.
fn put_waiting(txn: u64, series: Series) -> Output {
    let wait = StoredWait::new(at(100).wall, Duration::from_secs(30));
    put_stored(txn, StoredRegistration { series, ..stored(profile(), StoredState::Waiting(wait, false)) })
}

/// The good story, its event ended like this, and what is written of it.
fn ended(outcome: Outcome, written: Series) -> Story {
    let mut story = good(false);
    story.push((3, finished(1, outcome), vec![arm(900), LET_GO]));
    story.push((8, Input::Tick, vec![put_waiting(2, written), KEEP]));
    story
}

#[test]
fn an_attempt_is_charged_unless_something_excuses_it() {
    let deferred = Outcome::Deferred(Duration::from_secs(60));
    for (outcome, right, wrong) in [
        (Outcome::Rejected, series(1, 0, 0), series(0, 1, 1)),
        (Outcome::Crashed, series(1, 0, 0), series(0, 0, 0)),
        (deferred, series(0, 1, 1), series(1, 0, 0)),
    ] {
        assert_eq!(tell(&ended(outcome, right)), Ok(()), "{outcome:?}");
        caught("I5", "booked otherwise", tell(&ended(outcome, wrong)));
    }
}

#[test]
fn a_lost_link_excuses_and_a_used_up_cap_does_not() {
    use background_sync::scheduler::NetworkState;
    let with = |seconds, written| {
        let mut story = good(false);
        story.push((3, network(NetworkState::Offline, 3), vec![]));
        story.push((seconds, finished(1, Outcome::Rejected), vec![arm(900), LET_GO]));
        story.push((seconds + 5, Input::Tick, vec![put_waiting(2, written), KEEP]));
        story
    };
    assert_eq!(tell(&with(9, series(0, 1, 1))), Ok(()));
    caught("I5", "charged although the link was lost", tell(&with(9, series(1, 0, 0))));
    // At the very end of the cap both are right; nobody may count two.
    assert_eq!(tell(&with(182, series(1, 0, 0))), Ok(()));
    caught("I5", "counted twice", tell(&with(182, series(2, 0, 0))));
}

/// The registration fires again and again, and its host puts every event off.
fn put_off(times: u64, last_written: Series) -> Story {
    let mut story = good(false);
    let mut now = 2;
    for n in 1..=times {
        let booked = if n < times { series(0, n as u32, n as u32) } else { last_written };
        let next = now + 70;
        story.push((now + 1, finished(n, Outcome::Deferred(Duration::from_secs(60))), vec![arm(now + 70), LET_GO]));
        story.push((now + 6, Input::Tick, vec![put_waiting(2 * n, booked), KEEP]));
        story.push((now + 6, committed(2 * n), vec![LET_GO]));
        let firing = StoredRegistration { series: booked, ..stored(profile(), StoredState::Firing(false)) };
        story.push((next, Input::Tick, vec![start(n + 1), put_stored(2 * n + 1, firing), KEEP]));
        story.push((next, ready(n + 1, Facts::of_an_open_window()), vec![]));
        story.push((next, committed(2 * n + 1), vec![dispatch(n + 1, false)]));
        now = next;
    }
    story
}

#[test]
fn three_outcomes_in_a_row_are_free_and_the_fourth_is_charged() {
    assert_eq!(tell(&put_off(4, series(1, 0, 3))), Ok(()));
    caught("I5", "the fourth is free too", tell(&put_off(4, series(0, 4, 4))));
}

#[test]
fn the_last_chance_comes_with_the_last_attempt_and_not_before() {
    let attempts = |most| parameters(move |parameters| parameters.max_sync_attempts = most);
    assert_eq!(tell_with(attempts(1), &good(true)), Ok(()));
    caught("I6", "one late", tell_with(attempts(1), &good(false)));
    caught("I6", "one early", tell_with(attempts(2), &good(true)));
}

/// An event of a registration that is eight days old.
fn after_eight_days(last_chance: bool) -> Story {
    let late = 8 * 86_400;
    let mut story = but(4, vec![(0, delivered(1), vec![])]);
    story.insert(2, (0, network(background_sync::scheduler::NetworkState::Offline, 3), vec![]));
    story.push((late, network(background_sync::scheduler::NetworkState::online(), 4), vec![arm(late + 2)]));
    story.push((late + 2, Input::Tick, vec![ask_network()]));
    story.push((late + 2, own_network(5), vec![start(1), put(1, StoredState::Firing(last_chance)), KEEP]));
    story.push((late + 3, ready(1, Facts::of_an_open_window()), vec![]));
    story.push((late + 3, committed(1), vec![dispatch(1, last_chance)]));
    story
}

#[test]
fn age_makes_a_last_chance_of_the_attempt_that_was_due_anyway() {
    let at_least = |least| parameters(move |parameters| parameters.min_sync_attempts = least);
    assert_eq!(tell_with(at_least(1), &after_eight_days(true)), Ok(()));
    caught("I6", "too old for another one", tell_with(at_least(1), &after_eight_days(false)));
    assert_eq!(tell_with(at_least(3), &after_eight_days(false)), Ok(()));
    caught("I6", "the first of three", tell_with(at_least(3), &after_eight_days(true)));
}

#[test]
fn what_is_written_of_a_budget_is_what_was_used() {
    let told = |budget| tell(&but(5, vec![(1, Input::Tick, vec![budget])]));
    assert_eq!(told(put_budget(1, 0, 0)).map_err(|t| t.to_string().contains("keep")), Err(false));
    caught("I13", "a booking that was never given back", told(put_budget(1, 1, 180)));
}

#[test]
fn an_event_in_the_background_is_worth_its_start() {
    let closed =
        Input::ClientsChanged { partition: profile().partition(), origin: origin(), windows: WindowClients::none() };
    let no_window = Facts { windows: WindowClients::none(), ..Facts::of_an_open_window() };
    let told = |cap: u64, background, seconds| {
        let mut story = but(5, vec![(0, closed.clone(), vec![])]);
        story.push((10, own_network(2), vec![start(1), put(1, StoredState::Firing(false)), KEEP]));
        story.push((10, ready(1, no_window), vec![]));
        let dispatched = match dispatch(1, false) {
            Output::Dispatch { attempt, event, .. } => {
                Output::Dispatch { attempt, event, cap: Duration::from_secs(cap), background }
            }
            other => other,
        };
        story.push((seconds, committed(1), vec![dispatched]));
        tell(&story)
    };
    assert_eq!(told(180, true, 11), Ok(()));
    caught("I13", "shorter than is worth it", told(9, true, 11));
    caught("I13", "nobody looks", told(180, false, 11));
}

#[test]
fn a_moment_without_a_window_is_no_absence() {
    let closed =
        Input::ClientsChanged { partition: profile().partition(), origin: origin(), windows: WindowClients::none() };
    let told = |background| {
        let mut story = but(7, vec![(1, closed.clone(), vec![])]);
        let dispatched = match dispatch(1, false) {
            Output::Dispatch { attempt, event, cap, .. } => Output::Dispatch { attempt, event, cap, background },
            other => other,
        };
        story.push((2, committed(1), vec![dispatched]));
        tell(&story)
    };
    assert_eq!(told(false), Ok(()));
    caught("I13", "the window closed a second ago", told(true));
}

#[test]
fn an_origin_has_its_share_of_the_queue_and_is_turned_down_for_no_less() {
    let full = |request| Output::Reply {
        request: RequestId(request),
        reply: Reply::Registered(Err(RegisterError::QueueFull)),
    };
    let second = || (0, register_tag(2, "drafts", Facts::of_an_open_window()));
    let share = |most| parameters(move |parameters| parameters.max_queued_requests_per_origin = most);
    let told = |most, outputs: Vec<Output>| {
        let (seconds, input) = second();
        tell_with(share(most), &but(3, vec![(seconds, input, outputs)]))
    };
    assert_eq!(told(1, vec![full(2)]), Ok(()));
    caught("I17", "there was room", told(2, vec![full(2)]));
    caught("I17", "two wait, and one may", told(1, vec![]));
}

#[test]
fn clearing_takes_calls_on_their_way_and_a_failed_commit_is_taken_back() {
    let cleared = Input::DataCleared { request: None, scope: ClearedScope::Key(profile()), since: Some(at(0).wall) };
    let story = but(3, vec![(0, cleared, vec![]), (0, committed(0), vec![resolved(1), arm(900)])]);
    caught("I11", "cleared before it was durable", tell(&story));

    let failed = |next: Output| {
        let refused = Reply::Registered(Err(RegisterError::Store));
        let mut story = but(
            3,
            vec![(
                0,
                Input::CommitFailed { txn: TxnId(0) },
                vec![Output::Reply { request: RequestId(1), reply: refused }],
            )],
        );
        story.push((1, Input::Tick, vec![next]));
        tell(&story)
    };
    let taken_back = StoreOp::RemoveRegistration(background_sync::registration::Sequence(1));
    assert_eq!(failed(Output::Commit { txn: TxnId(1), ops: vec![taken_back] }), Ok(()));
    caught("I11", "it may be in the store", failed(Output::Commit { txn: TxnId(1), ops: vec![] }));
}

#[test]
fn a_store_that_lost_something_is_given_everything() {
    let lost = |next: Output| {
        let mut story = but(
            5,
            vec![(
                1,
                register_tag(2, "drafts", Facts::of_an_open_window()),
                vec![put_tag(1, 2, "drafts", StoredState::Pending(None)), KEEP],
            )],
        );
        let refused = Reply::Registered(Err(RegisterError::Store));
        story.push((
            1,
            Input::ContentsLost { txn: TxnId(1) },
            vec![Output::Reply { request: RequestId(2), reply: refused }],
        ));
        story.push((2, Input::Tick, vec![next]));
        tell(&story)
    };
    let outbox = StoreOp::PutRegistration(stored(profile(), StoredState::Pending(None)));
    assert_eq!(lost(Output::Rewrite { txn: TxnId(2), ops: vec![outbox.clone()] }), Ok(()));
    caught("I11", "something is left out", lost(Output::Rewrite { txn: TxnId(2), ops: vec![] }));
    caught("I11", "a change of what is not there", lost(Output::Commit { txn: TxnId(2), ops: vec![outbox] }));
}
