//! A commit that failed: what was in it is written again, and the store is asked less and less often. I11.

use background_sync::scheduler::SyncParameters;
use background_sync::{Input, StoreOp};

use crate::support::stories::{in_background, last_commit, offline_host, store_answers_last};
use crate::support::{Host, secs};

/// Lets time pass until the host is asked for a commit that writes such a thing. All before it are durable, and that
/// one fails.
fn fails_when_it_writes(host: &mut Host, wanted: impl Fn(&StoreOp) -> bool) {
    let mut seen = host.commits.len();
    host.commit = false;
    for _ in 0..2 * 86_400 / 60 {
        host.run(secs(60));
        if host.commits.len() > seen {
            seen = host.commits.len();
            let txn = last_commit(host);
            if host.commits[seen - 1].iter().any(&wanted) {
                host.commit = true;
                return host.send(Input::CommitFailed { txn });
            }
            host.send(Input::Committed { txn });
        }
    }
    panic!("no such commit in two days");
}

/// Fails the commit that writes such a thing, and says how often it is written in the two minutes after.
fn written_again(host: &mut Host, wanted: impl Fn(&StoreOp) -> bool) -> usize {
    fails_when_it_writes(host, &wanted);
    let failed = host.commits.len();
    host.run(secs(120));
    host.commits[failed..].iter().flatten().filter(|op| wanted(op)).count()
}

/// A background event whose end is not written yet.
fn after_a_background_event() -> Host {
    let mut host = in_background(SyncParameters::recommended());
    host.network(background_sync::scheduler::NetworkState::online());
    while host.events.is_empty() {
        host.run(secs(1));
    }
    host
}

#[test]
fn what_an_event_used_of_the_budget_is_written_again() {
    let mut host = after_a_background_event();
    assert_eq!(written_again(&mut host, |op| matches!(op, StoreOp::PutBudget(_))), 1);
}

#[test]
fn a_budget_nobody_uses_any_more_is_taken_out_again() {
    let mut host = after_a_background_event();
    assert_eq!(written_again(&mut host, |op| matches!(op, StoreOp::RemoveBudget(..))), 1);
}

#[test]
fn the_running_time_of_the_profile_is_written_again() {
    let mut host = offline_host();
    host.register("outbox");
    host.run(secs(10));
    assert_eq!(written_again(&mut host, |op| matches!(op, StoreOp::PutProfile(_))), 1);
}

/// How many seconds pass until the store is tried again.
fn until_tried_again(host: &mut Host) -> u64 {
    let before = host.commits.len();
    host.send(Input::CommitFailed { txn: last_commit(host) });
    (1..1_000)
        .find(|_| {
            host.run(secs(1));
            host.commits.len() > before
        })
        .unwrap()
}

#[test]
fn a_store_that_fails_is_tried_less_and_less_often_until_it_takes_something() {
    let mut host = offline_host();
    host.register("kept");
    for _ in 0..2 {
        host.commit = false;
        host.register("outbox");
        let waits: Vec<_> = (0..8).map(|_| until_tried_again(&mut host)).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        store_answers_last(&mut host);
    }
}
