//! A commit that failed: what was in it is written again, and the store is asked less and less often. I11.

use std::time::Duration;

use background_sync::policy::{Partition, PartitionId, SyncKind};
use background_sync::registration::Tag;
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{CancelError, Input, Output, Reply, RequestId, StoreOp};

use crate::support::stories::{
    CANCEL, cancel, durable, in_background, key_of, last_commit, offline_host, register, store_answers_last, with,
    write,
};
use crate::support::{Host, key, secs};

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
    host.network(NetworkState::online());
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
    host.run(secs(3_600));
    host.commit = false;
    host.send(Input::Slept);
    host.commit = true;
    let first = host.commits.len() - 1;
    host.send(Input::CommitFailed { txn: last_commit(&host) });
    host.run(secs(120));
    let written = host.commits[first..].iter().flatten();
    assert_eq!(written.filter(|op| matches!(op, StoreOp::PutProfile(_))).count(), 2);
}

/// What was cancelled does not fire; whether the next session finds it is not known until it was taken out.
#[test]
fn a_cancellation_that_was_not_written_is_said_to_have_failed_and_is_written_again() {
    let mut host = offline_host();
    host.register("outbox");
    host.run(secs(10));
    host.commit = false;
    host.send(cancel("outbox"));
    host.commit = true;
    host.send(Input::CommitFailed { txn: last_commit(&host) });
    assert_eq!(host.reply(CANCEL), Some(&Reply::Cancelled(Err(CancelError::Store))));
    assert_eq!(host.machine.registration_count(), 0);
    let failed = host.commits.len();
    host.run(secs(2));
    assert!(host.commits[failed..].iter().flatten().any(|op| matches!(op, StoreOp::RemoveRegistration(_))));
}

#[test]
fn a_store_that_lost_something_is_given_what_was_used_of_the_budgets() {
    let mut host = after_a_background_event();
    host.run(secs(10));
    host.windows(1);
    host.commit = false;
    host.register("another");
    host.send(Input::ContentsLost { txn: last_commit(&host) });
    host.run(secs(2));
    let anew = host.outputs.iter().find_map(|output| match output {
        Output::Rewrite { ops, .. } => Some(ops),
        _ => None,
    });
    let budgets: Vec<_> = anew.unwrap().iter().filter(|op| matches!(op, StoreOp::PutBudget(_))).collect();
    assert_eq!(budgets.len(), 1);
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

#[test]
fn a_store_that_fails_holds_no_private_event() {
    let mut host = offline_host();
    host.commit = false;
    host.register("outbox");
    let p = key_of(Partition::Private(PartitionId(1)), "https://secret.example");
    host.send(register(900, p, "secret"));
    host.network(NetworkState::online());
    for _ in 0..20 {
        host.send(Input::CommitFailed { txn: last_commit(&host) });
        host.register("outbox");
        host.run(Duration::from_millis(500));
    }
    assert_eq!(host.events.len(), 1, "{:?}", host.machine.registrations().map(|view| view.why_not).collect::<Vec<_>>());
}

/// Who waited for the store takes part again when it works, not when it would have been tried again.
#[test]
fn a_store_that_works_again_sooner_than_expected_holds_nobody() {
    let mut host = Host::with(with(|p| p.max_sync_attempts = 1));
    host.network(NetworkState::Offline);
    host.register("outbox");
    host.commit = false;
    host.network(NetworkState::online());
    host.run(secs(4));
    // The commit of the start fails; the next one, which takes the start back at once, does not.
    let start = last_commit(&host);
    host.send(Input::CommitFailed { txn: start });
    assert_ne!(last_commit(&host), start);
    host.commit = true;
    host.send(Input::Committed { txn: last_commit(&host) });
    assert_eq!(host.events.len(), 1, "{:?}", host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("outbox")));
}

/// What a failed commit may have written is taken back, also when its number is given again to a call that comes to
/// nothing before the next commit is sent.
#[test]
fn what_was_refused_is_taken_back_whatever_becomes_of_its_number() {
    let mut host = offline_host();
    host.commit = false;
    host.register("outbox");
    let txn = last_commit(&host);
    // It fails after writing.
    let mut store = durable(&host);
    host.commits.clear();
    host.send(Input::CommitFailed { txn });
    host.commit = true;
    for input in [register(500, key(), "outbox"), cancel("outbox")] {
        host.machine.handle_more(host.clock(), input);
    }
    host.run(secs(10));
    assert!(matches!(host.reply(RequestId(500)), Some(Reply::Registered(Err(_)))));
    write(&mut store, host.commits.concat());
    assert_eq!(store.contents().registrations, [], "both calls were refused");
}
