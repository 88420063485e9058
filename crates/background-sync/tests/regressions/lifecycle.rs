//! Workers, windows, partitions and the machine itself, as they come and go.

use background_sync::policy::{
    Facts, Incarnation, Partition, PartitionId, PermissionState, RegistrationKey, StorageKey, SyncKind, WindowClients,
};
use background_sync::registration::Tag;
use background_sync::scheduler::SyncParameters;
use background_sync::{Input, Loaded, Machine, Outcome, Output, RequestId, WorkerState};

use crate::support::stories::{
    all_online, at, cancel, last_commit, last_window_closed, loaded, offline_host, ready, register, settle,
    store_answers, store_of, stored,
};
use crate::support::{Host, PROFILE, key, origin, secs};

/// A worker registration that was not loaded held one of its tags, and the other one started.
#[test]
fn a_worker_that_is_not_loaded_holds_every_tag_of_its_key() {
    let mut machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    let store = store_of([stored(1, "a"), stored(2, "b")]);
    machine.handle(at(0), Input::Loaded(loaded(&store, WorkerState::NotLoaded)));
    machine.handle(at(0), all_online());
    let mut starts = 0;
    for second in 1..200 {
        machine.handle(at(second), Input::Tick);
        settle(&mut machine, at(second), |output| {
            starts += usize::from(matches!(output, Output::Start { .. }));
            None
        });
    }
    assert_eq!(starts, 0, "{:?}", machine.why_not(&key(), SyncKind::OneShot, &Tag::from("a")));
}

/// A suspicion that proved wrong: that an event is held up for ever when its window closes while the store is read.
#[test]
fn a_window_that_closes_while_loading_holds_no_event_up() {
    let mut machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    machine.handle(at(0), register(1, key(), "t"));
    machine.handle(at(0), last_window_closed());
    machine.handle(at(1), Input::Loaded(Loaded::default()));
    machine.handle(at(1), all_online());
    let mut dispatched = false;
    for second in 1..100 {
        settle(&mut machine, at(second), |output| match output {
            Output::Commit { txn, .. } => Some(Input::Committed { txn: *txn }),
            Output::Reply { request, .. } => Some(Input::ReplyDelivered { request: *request }),
            Output::Start { attempt, .. } => Some(ready(*attempt, WindowClients::none())),
            Output::Dispatch { .. } => {
                dispatched = true;
                None
            }
            _ => None,
        });
        machine.handle(at(second), Input::Tick);
    }
    assert!(dispatched);
}

/// When its last tag went by a cancel that took long to be written, the worker stayed in memory as idle for ever.
#[test]
fn a_worker_whose_last_tag_was_cancelled_is_forgotten() {
    for commit_takes in [0, 10, 100] {
        let mut host = offline_host();
        host.register("t");
        host.run(secs(5));
        host.commit = false;
        host.send(cancel("t"));
        let txn = last_commit(&host);
        host.run(secs(commit_takes));
        store_answers(&mut host, txn);
        host.run(secs(1_000));
        assert!(knows_no_worker(&host), "idle for ever after a commit of {commit_takes} s");
    }
}

/// The same, with a denied permission that takes the other tag while the cancel is being written.
#[test]
fn a_worker_denied_during_a_cancel_is_forgotten() {
    let mut host = offline_host();
    host.register("a");
    host.register("b");
    host.run(secs(5));
    host.commit = false;
    host.send(cancel("a"));
    let txn = last_commit(&host);
    host.send(Input::PermissionChanged {
        request: None,
        kind: SyncKind::OneShot,
        partition: PROFILE,
        origin: origin(),
        state: PermissionState::Denied,
    });
    store_answers(&mut host, txn);
    host.run(secs(1_000));
    assert!(knows_no_worker(&host), "idle for ever");
}

/// A machine said it was stopped while a commit was out; that commit failed, and it sent another one.
#[test]
fn a_stopped_machine_sends_no_commit() {
    let mut host = Host::new();
    host.commit = false;
    host.register("a");
    let txn = last_commit(&host);
    host.send(Input::Shutdown);
    let before = host.commits.len();
    host.send(Input::CommitFailed { txn });
    assert!(!(host.machine.is_stopped() && host.commits.len() > before), "sent by a machine that says it is stopped");
}

/// What a private partition had registered stayed in memory after its last window was closed.
#[test]
fn a_closed_partition_is_forgotten_at_once() {
    let private = Partition::Private(PartitionId(1));
    let private_key =
        RegistrationKey::new(private, StorageKey::first_party(origin()), "https://chat.example/", Incarnation(1))
            .unwrap();
    let mut machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    machine.handle(at(0), Input::Loaded(Loaded::default()));
    machine.handle(at(0), all_online());
    machine.handle(at(0), register(1, private_key, "diary"));
    machine.handle(at(0), Input::ReplyDelivered { request: RequestId(1) });
    let mut started = None;
    settle(&mut machine, at(0), |output| match output {
        Output::Start { attempt, .. } => {
            started = Some(*attempt);
            Some(ready(*attempt, Facts::of_an_open_window().windows))
        }
        _ => None,
    });
    machine.handle(at(1), Input::PartitionClosed { request: None, partition: private });
    machine.handle(at(1), Input::Finished { attempt: started.unwrap(), outcome: Outcome::Terminated });
    settle(&mut machine, at(1), |_| None);
    let memory = format!("{machine:?}");
    assert!(!memory.contains("diary") && !memory.contains("Private"), "still in memory after the close");
}

/// Only the machine's debug form shows what it remembers of workers.
fn knows_no_worker(host: &Host) -> bool {
    format!("{:?}", host.machine).contains("workers: {}")
}
