//! Numbers at their end, and things that must not grow or repeat without end.

use std::time::Duration;

use background_sync::registration::{Sequence, Series};
use background_sync::scheduler::NetworkState;
use background_sync::{Input, Outcome, Output, RegisterError, Reply, StoreOp, StoredProfile, WakeToken};

use crate::support::stories::{
    at, host_reloaded, last_commit, offline_host, register, reloaded, store_of, stored, with, write,
};
use crate::support::{Host, key, secs};

/// The next sequence number came from the disk at its very end, and counting on overflowed.
#[test]
fn the_last_sequence_number_on_disk_does_not_overflow() {
    let mut store = store_of([]);
    let profile = StoredProfile::default().with(|it| it.next_sequence = Sequence(u64::MAX));
    write(&mut store, [StoreOp::PutProfile(profile)]);
    let mut machine = reloaded(&store, at(0), 1);
    for request in 0..2 {
        machine.handle(at(0), register(request, key(), &request.to_string()));
    }
    assert_eq!(machine.check_invariants(), Ok(()));
    assert_eq!(machine.registration_count(), 2);
}

/// The counts of a series came from the disk at their very end, and one more failure overflowed them.
#[test]
fn the_last_attempt_count_on_disk_does_not_overflow() {
    let mut registration = stored(1, "a");
    registration.series = Series::new(u32::MAX, u32::MAX, u32::MAX);
    let mut host = host_reloaded(&store_of([registration]));
    host.network(NetworkState::online());
    host.outcomes = [Some(Outcome::Rejected)].into();
    host.run(secs(100));
    assert_eq!(host.events.len(), 1);
}

/// First registrations whose commit failed stayed in the journal: every later commit carried them all.
#[test]
fn failed_calls_leave_nothing_behind() {
    let mut host = Host::new();
    host.commit = false;
    for call in 0..500 {
        host.register(&format!("t{call}"));
        let txn = last_commit(&host);
        host.send(Input::CommitFailed { txn });
    }
    let ops = host.commits.last().unwrap().len();
    assert!(ops < 20, "{ops} ops in the commit of one call");
}

/// The queue of calls had its bound only while the store was being read, not while a commit was on its way.
#[test]
fn calls_that_wait_for_a_commit_are_bounded() {
    let mut host = Host::new();
    host.commit = false;
    host.register("first");
    for call in 0..5_000 {
        host.machine.handle(host.clock(), register(10_000 + call, key(), "t"));
    }
    let outputs = std::iter::from_fn(|| host.machine.poll_output());
    let refused = outputs
        .filter(|output| {
            matches!(output, Output::Reply { reply: Reply::Registered(Err(RegisterError::QueueFull)), .. })
        })
        .count();
    assert!(refused > 0, "5,001 calls wait in the machine, the queue is 4,096");
}

/// A registration without budget for the day asked to be woken at once, again and again.
#[test]
fn what_the_budget_holds_does_not_ask_to_be_woken_now() {
    let mut host = Host::with(with(|parameters| {
        parameters.background_starts_per_day = 1;
        parameters.first_fire_spread_in_background = Duration::ZERO;
    }));
    host.network(NetworkState::Offline);
    host.register("a");
    host.register("b");
    host.windows(0);
    host.run(secs(5));
    host.network(NetworkState::online());
    host.run(secs(60));
    assert_eq!(host.events.len(), 1);
    host.outputs.clear();
    for token in 0..5 {
        host.send(Input::Woken { token: WakeToken(token), budget: secs(30) });
        host.run(secs(1));
    }
    let wall = host.clock().wall;
    let soon = |output: &&Output| matches!(output, Output::ArmWakeUp(Some(wake_up)) if wake_up.earliest.since(wall) < secs(3_600));
    assert_eq!(host.outputs.iter().filter(soon).count(), 0, "it cannot start for a day");
}

/// Closing a window wrote to the store though nothing ran.
#[test]
fn closing_a_window_with_nothing_running_writes_nothing() {
    let mut host = offline_host();
    host.register("t");
    host.run(secs(10));
    let before = host.commits.len();
    for _ in 0..10 {
        host.windows(0);
        host.run(secs(10));
        host.windows(1);
        host.run(secs(10));
    }
    assert_eq!(host.commits.len(), before);
}
