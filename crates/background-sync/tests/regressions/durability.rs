//! What was promised, and what was taken back, across commits, crashes and restarts.

use std::time::Duration;

use background_sync::policy::SyncKind;
use background_sync::registration::{Series, Tag};
use background_sync::scheduler::NetworkState;
use background_sync::{ClearedScope, Input, Output, RegisterError, Reply, WakeToken};

use crate::support::stories::{
    CANCEL, at, cancel, durable, host_reloaded, last_commit, last_start, offline_host, reloaded, store_answers,
    store_of, stored, worker_ready, write,
};
use crate::support::{Host, PROFILE, key, secs};

/// The commit of a new registration came through after the clear and nothing removed the row: it fired after the
/// next start.
#[test]
fn a_registration_cleared_during_its_first_commit_does_not_come_back() {
    let mut host = offline_host();
    host.commit = false;
    let request = host.register("outbox");
    let txn = last_commit(&host);
    host.send(Input::DataCleared { request: None, scope: ClearedScope::Partition(PROFILE), since: None });
    assert!(matches!(host.reply(request), Some(Reply::Registered(Err(RegisterError::Cleared)))));
    store_answers(&mut host, txn);
    host.run(secs(60));
    assert_eq!(durable(&host).contents().registrations, vec![], "rejected and cleared, yet durable");
}

/// The cancel was answered with `true`, and the commit on its way left the row in the store.
#[test]
fn a_registration_cancelled_during_its_first_commit_does_not_come_back() {
    let mut host = offline_host();
    host.commit = false;
    host.register("outbox");
    let txn = last_commit(&host);
    host.send(cancel("outbox"));
    store_answers(&mut host, txn);
    host.run(secs(60));
    assert_eq!(host.reply(CANCEL), Some(&Reply::Cancelled(Ok(true))));
    assert_eq!(durable(&host).contents().registrations, vec![]);
}

/// The call was rejected by the shutdown, and its commit became durable all the same.
#[test]
fn a_registration_rejected_at_shutdown_does_not_come_back() {
    let mut host = offline_host();
    host.commit = false;
    let request = host.register("outbox");
    let txn = last_commit(&host);
    host.send(Input::Shutdown);
    assert!(matches!(host.reply(request), Some(Reply::Registered(Err(_)))));
    store_answers(&mut host, txn);
    assert_eq!(durable(&host).contents().registrations, vec![]);
}

/// When the commit of a call failed, nobody looked again at the attempt that had waited for it, until its start
/// timed out.
#[test]
fn a_failed_call_does_not_hold_up_a_ready_attempt() {
    let mut host = Host::new();
    host.commit = false;
    host.start = false;
    host.register("t");
    host.send(Input::Committed { txn: last_commit(&host) });
    let attempt = last_start(&host);
    host.send(Input::Committed { txn: last_commit(&host) }); // the attempt's own commit
    host.register("t"); // rides in a commit of its own
    let call = last_commit(&host);
    worker_ready(&mut host, attempt);
    host.send(Input::CommitFailed { txn: call });
    // the store stays silent from here on; the attempt is durable and its worker runs
    host.run(secs(5));
    let reason = host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("t"));
    assert_eq!(host.events.len(), 1, "ready and durable: {reason:?}");
}

/// The wake-up was called done while the end of its event was not written yet: a process the system then killed
/// found a fulfilled registration still firing.
#[test]
fn a_wake_up_is_done_only_once_the_end_is_durable() {
    let mut host = offline_host();
    host.register("t");
    host.windows(0);
    host.send(Input::Slept);
    host.send(Input::Woke);
    host.network(NetworkState::online());
    host.outputs.clear();
    host.send(Input::Woken { token: WakeToken(1), budget: secs(30) });
    while !host.outputs.iter().any(|output| matches!(output, Output::WakeDone { .. })) {
        host.run(Duration::from_millis(50));
    }
    assert_eq!(host.events.len(), 1);
    let next_session = reloaded(&durable(&host), at(100), 2);
    assert_eq!(next_session.registration_count(), 0, "fulfilled before `WakeDone`, and still in the store");
}

/// The end of an event is written a little later, and the process was let go in between.
#[test]
fn the_process_is_kept_alive_until_the_end_is_durable() {
    let mut host = Host::new();
    host.register("t");
    assert_eq!(host.events.len(), 1);
    let kept_alive = host.outputs.iter().rev().find_map(|output| match output {
        Output::KeepAlive(keep) => Some(*keep),
        _ => None,
    });
    let end_is_durable = durable(&host).contents().registrations.is_empty();
    assert!(end_is_durable || kept_alive == Some(true), "let go while the end is not in the store");
}

/// The end of an event waited its 5 s in a process that was frozen, and on a phone may be killed from there on.
#[test]
fn a_freeze_writes_what_is_decided() {
    let mut host = Host::new();
    host.register("t");
    assert_eq!(host.events.len(), 1);
    host.send(Input::Frozen);
    assert!(durable(&host).contents().registrations.is_empty(), "the end waits in a frozen process");
}

/// A store that took long was booked as a worker that does not start.
#[test]
fn a_slow_store_costs_the_registration_nothing() {
    let mut host = offline_host();
    host.register("t");
    host.commit = false;
    host.network(NetworkState::online());
    host.run(secs(70));
    let registration = host.machine.registration(&key(), SyncKind::OneShot, &Tag::from("t")).unwrap();
    assert_eq!(registration.series(), Series::default(), "the worker was ready, only the store was slow");
}

/// The last attempt was abandoned before its event, the process crashed within 5 s, and the next session took the
/// attempt for spent.
#[test]
fn an_abandoned_last_chance_is_not_lost_in_a_crash() {
    let mut registration = stored(1, "a");
    registration.series = Series::charged(11);
    let mut store = store_of([registration]);
    let mut host = host_reloaded(&store);
    host.start = false;
    host.network(NetworkState::online());
    host.run(secs(2));
    let abandoned = Input::Ready { attempt: last_start(&host), facts: host.facts, network: NetworkState::Offline };
    host.send(abandoned);
    assert_eq!(host.events.len(), 0);
    host.run(secs(1)); // and here the process dies
    write(&mut store, host.commits.concat());
    let next_session = reloaded(&store, at(100), 2);
    assert_eq!(next_session.registration_count(), 1, "never dispatched, and gone");
}
