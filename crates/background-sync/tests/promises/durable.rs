//! What was acknowledged, what was refused, and what is on the disk: I3 and I11.

use std::time::Duration;

use background_sync::policy::{PermissionState, SyncKind};
use background_sync::registration::{
    Now, Observed, Sequence, Series, StoredRegistration, StoredState, SyncRegistration, Tag,
};
use background_sync::scheduler::NetworkState;
use background_sync::{
    AttemptId, ClearedScope, Input, Outcome, Output, RegisterError, Reply, RequestId, StoreOp, WhyNot,
};

use crate::support::stories::{
    at, durable, host_reloaded, last_commit, last_start, offline_host, reloaded, store_answers_last, store_of, stored,
    worker_ready, write, writing_host,
};
use crate::support::{Host, PROFILE, key, origin, secs};

fn registered(host: &Host, tag: &str) -> Option<SyncRegistration> {
    host.machine.registration(&key(), SyncKind::OneShot, &Tag::from(tag)).cloned()
}

/// What the next session finds of this tag, if the process dies now and every commit was written.
fn after_a_crash(host: &Host, tag: &str) -> Option<SyncRegistration> {
    reloaded(&durable(host), host.clock(), 3).registration(&key(), SyncKind::OneShot, &Tag::from(tag)).cloned()
}

/// Two attempts were charged and the age is reached: the one that starts is the last. A call joins it and makes the
/// promise young again, and the process dies before the event.
#[test]
fn a_call_acknowledged_during_the_start_of_an_aged_last_chance_is_not_lost() {
    let mut old = stored(1, "outbox");
    old.series = Series::charged(2);
    let mut host = host_reloaded(&store_of([old]));
    host.network(NetworkState::Offline);
    host.run(secs(8 * 86_400));
    host.start = false;
    host.network(NetworkState::online());
    host.run(secs(10));
    assert!(matches!(durable(&host).contents().registrations[0].state, StoredState::Firing(true)), "the last chance");
    let call = host.register("outbox");
    assert_eq!(host.reply(call), Some(&Reply::Registered(Ok(()))));
    assert!(host.events.is_empty());
    assert!(after_a_crash(&host, "outbox").is_some(), "acknowledged, never fired, lost");
}

/// A worker is being started for the last attempt of what an earlier session left, and the attempt is durable.
fn starting_the_last_attempt() -> (Host, AttemptId) {
    let mut old = stored(1, "outbox");
    old.series = Series::charged(11);
    let mut host = host_reloaded(&store_of([old]));
    host.start = false;
    host.network(NetworkState::online());
    host.run(secs(10));
    let attempt = last_start(&host);
    (host, attempt)
}

/// The same where the attempts, not the age, make it the last one: until it is written again without the call, no
/// crash may take the call for told.
#[test]
fn a_call_acknowledged_during_the_start_of_a_last_attempt_is_not_lost_with_its_own_commit() {
    let (mut host, attempt) = starting_the_last_attempt();
    host.commit = false;
    let call = host.register("outbox");
    let carries_the_call = last_commit(&host);
    host.send(Input::Committed { txn: carries_the_call });
    assert_eq!(host.reply(call), Some(&Reply::Registered(Ok(()))));
    let then: Vec<_> = host
        .commits
        .iter()
        .flatten()
        .filter_map(|op| match op {
            StoreOp::PutRegistration(record) => Some(record.state),
            _ => None,
        })
        .collect();
    assert_eq!(then[then.len() - 2..], [StoredState::Pending(None), StoredState::Firing(true)]);
    worker_ready(&mut host, attempt);
    assert!(host.events.is_empty(), "the attempt is not durable at this moment");
    store_answers_last(&mut host);
    assert_eq!(host.events.len(), 1);
    assert!(host.events[0].2.last_chance);
}

#[test]
fn a_refused_call_never_fires_though_its_failed_commit_was_on_the_disk() {
    let mut host = offline_host();
    host.commit = false;
    let call = host.register("ghost");
    let failed = last_commit(&host);
    host.commit = true;
    host.send(Input::CommitFailed { txn: failed });
    assert_eq!(host.reply(call), Some(&Reply::Registered(Err(RegisterError::Store))));
    host.run(secs(2));
    assert_eq!(after_a_crash(&host, "ghost"), None, "the next commit takes it back");
    let other = host.register("other");
    assert_eq!(host.reply(other), Some(&Reply::Registered(Ok(()))));
    assert!(after_a_crash(&host, "other").is_some());
}

/// The refused one's number is free again, so that a store that fails for long fills no journal; the row that may be
/// on the disk is overwritten or removed.
#[test]
fn refused_numbers_are_taken_back_or_used_again() {
    let mut host = offline_host();
    host.commit = false;
    for name in ["a", "b", "c"] {
        host.register(name);
        host.send(Input::CommitFailed { txn: last_commit(&host) });
    }
    host.commit = true;
    let kept = host.register("d");
    assert_eq!(host.reply(kept), Some(&Reply::Registered(Ok(()))));
    host.run(secs(100));
    let there: Vec<_> = durable(&host).contents().registrations.into_iter().map(|record| record.tag).collect();
    assert_eq!(there, [Tag::from("d")]);
}

#[test]
fn clearing_since_a_time_rejects_the_calls_made_since_however_old_their_tag_is() {
    let mut host = writing_host();
    host.register("outbox");
    host.run(secs(100));
    let since = host.clock().wall;
    host.run(secs(50));
    host.commit = false;
    let call = host.register("outbox");
    host.send(Input::DataCleared { request: None, scope: ClearedScope::Origin(PROFILE, origin()), since: Some(since) });
    assert_eq!(host.reply(call), Some(&Reply::Registered(Err(RegisterError::Cleared))));
    store_answers_last(&mut host);
    host.run(secs(1));
    let left = registered(&host, "outbox").expect("the older promise was not cleared");
    assert!(left.registered().wall < since, "nothing that was asked since is left");
    assert!(after_a_crash(&host, "outbox").is_some_and(|record| record.registered().wall < since));
}

/// `getTags` waits behind a call, and what takes the call away takes other tags too.
#[test]
fn tags_listed_in_the_middle_of_a_removal_are_those_that_are_left() {
    let mut host = offline_host();
    host.register("old");
    host.commit = false;
    host.register("new");
    host.send(Input::GetTags { kind: SyncKind::OneShot, request: RequestId(77), key: key() });
    host.send(Input::PermissionChanged {
        request: None,
        kind: SyncKind::OneShot,
        partition: PROFILE,
        origin: origin(),
        state: PermissionState::Denied,
    });
    assert_eq!(host.reply(RequestId(77)), Some(&Reply::Tags(Ok(vec![]))));
}

#[test]
fn clearing_since_a_time_leaves_the_calls_made_before_it() {
    let mut host = offline_host();
    host.commit = false;
    let before = host.register("before");
    host.run(secs(10));
    let since = host.clock().wall;
    host.send(Input::DataCleared { request: None, scope: ClearedScope::Origin(PROFILE, origin()), since: Some(since) });
    store_answers_last(&mut host);
    assert_eq!(host.reply(before), Some(&Reply::Registered(Ok(()))));
}

#[test]
fn the_event_waits_for_a_reply_that_is_not_delivered_whatever_the_spacing() {
    let mut host = Host::new();
    host.deliver = false;
    host.outcomes = [Some(Outcome::Rejected)].into();
    host.register("outbox");
    host.run(secs(1));
    assert_eq!(host.events.len(), 1);
    host.run(Duration::from_millis(900));
    host.register("outbox");
    host.run(Duration::from_millis(990));
    assert_eq!(host.events.len(), 1, "nobody has the reply yet");
    host.run(Duration::from_millis(20));
    assert_eq!(host.events.len(), 2);
}

#[test]
fn the_event_waits_for_the_calls_made_before_it() {
    let mut host = Host::new();
    host.start = false;
    host.register("outbox");
    host.run(secs(2));
    let attempt = last_start(&host);
    host.commit = false;
    host.register("outbox");
    worker_ready(&mut host, attempt);
    assert!(host.events.is_empty());
    store_answers_last(&mut host);
    assert_eq!(host.events.len(), 1);
}

#[test]
fn a_registration_made_while_waiting_begins_a_series_in_the_store_too() {
    let mut host = Host::new();
    host.outcomes = std::iter::repeat_n(Some(Outcome::Rejected), 3).collect();
    host.register("outbox");
    host.run(secs(200));
    host.network(NetworkState::Offline);
    host.register("outbox");
    assert_eq!(durable(&host).contents().registrations[0].series, Series::default());
}

#[test]
fn what_was_registered_again_in_mid_event_begins_a_series_after_a_crash() {
    let stored = StoredRegistration {
        sequence: Sequence(1),
        key: key(),
        kind: SyncKind::OneShot,
        tag: Tag::from("x"),
        state: StoredState::ReregisteredWhileFiring,
        series: Series::new(11, 2, 2),
        registered: Observed::default(),
        network: None,
        schedule: None,
    };
    assert_eq!(SyncRegistration::from_stored(&stored, Now::default()).series(), Series::default());
}

/// A store that says it lost something is given everything anew, in one batch, and nothing is acknowledged before.
#[test]
fn a_store_that_lost_something_is_given_everything_anew() {
    let mut host = offline_host();
    host.register("a");
    host.register("b");
    host.commit = false;
    let call = host.register("c");
    host.send(Input::ContentsLost { txn: last_commit(&host) });
    assert_eq!(host.reply(call), Some(&Reply::Registered(Err(RegisterError::Store))));
    host.run(secs(2));
    let (txn, ops) = last_rewrite(&host).expect("a rewrite");
    assert_eq!(tags_in(&ops), [Tag::from("a"), Tag::from("b")]);
    assert!(ops.iter().any(|op| matches!(op, StoreOp::PutProfile(_))), "numbers stay reserved");
    let later = host.register("d");
    assert_eq!(host.reply(later), None, "it waits for the rewrite");
    // A rewrite that fails is made again, with what came meanwhile.
    host.commit = true;
    host.send(Input::CommitFailed { txn });
    host.run(secs(100));
    assert_eq!(host.reply(later), Some(&Reply::Registered(Ok(()))), "it rides in the second rewrite");
    let (_, ops) = last_rewrite(&host).expect("another rewrite");
    assert!(tags_in(&ops).starts_with(&[Tag::from("a"), Tag::from("b")]), "{ops:?}");
    host.outputs.clear();
    let after = host.register("e");
    assert_eq!(host.reply(after), Some(&Reply::Registered(Ok(()))));
    assert!(last_rewrite(&host).is_none(), "once is enough");
    let mut fresh = store_of([]);
    write(&mut fresh, ops);
    assert!(reloaded(&fresh, at(500), 3).registration(&key(), SyncKind::OneShot, &Tag::from("b")).is_some());
}

#[test]
fn a_shutdown_whose_commit_finds_the_store_short_writes_everything_once_more() {
    let mut host = offline_host();
    host.register("a");
    host.run(secs(10));
    host.commit = false;
    host.send(Input::Shutdown);
    host.send(Input::ContentsLost { txn: last_commit(&host) });
    assert!(!host.machine.is_stopped());
    let (txn, ops) = last_rewrite(&host).expect("a rewrite");
    assert_eq!(tags_in(&ops), [Tag::from("a")]);
    host.send(Input::ContentsLost { txn });
    assert!(host.machine.is_stopped(), "the store has had its chance");
}

fn last_rewrite(host: &Host) -> Option<(background_sync::TxnId, Vec<StoreOp>)> {
    host.outputs.iter().rev().find_map(|output| match output {
        Output::Rewrite { txn, ops } => Some((*txn, ops.clone())),
        _ => None,
    })
}

fn tags_in(ops: &[StoreOp]) -> Vec<Tag> {
    let puts = ops.iter().filter_map(|op| match op {
        StoreOp::PutRegistration(record) => Some(record.tag.clone()),
        _ => None,
    });
    puts.collect()
}

/// The worker is up and the attempt was durable, and then the store says that it lost something.
#[test]
fn an_attempt_that_the_store_lost_is_not_dispatched() {
    let (mut host, attempt) = starting_the_last_attempt();
    host.commit = false;
    host.register("other");
    host.send(Input::ContentsLost { txn: last_commit(&host) });
    worker_ready(&mut host, attempt);
    assert!(host.events.is_empty(), "dispatched with {:?}; the attempt is in no store", host.events[0].2);
}

#[test]
fn clearing_counts_until_the_machine_has_stopped() {
    let mut host = offline_host();
    host.register("outbox");
    host.commit = false;
    host.send(Input::Shutdown);
    assert!(!host.machine.is_stopped());
    host.send(Input::DataCleared { request: None, scope: ClearedScope::Partition(PROFILE), since: None });
    host.commit = true;
    host.send(Input::Committed { txn: last_commit(&host) });
    assert!(host.machine.is_stopped());
    let next = reloaded(&durable(&host), host.clock(), 3);
    assert!(
        next.registration(&key(), SyncKind::OneShot, &Tag::from("outbox")).is_none(),
        "cleared, and there after the restart"
    );
}

#[test]
fn a_machine_that_stops_says_so() {
    let mut host = offline_host();
    host.register("outbox");
    host.commit = false;
    host.send(Input::Shutdown);
    assert!(!host.machine.is_stopped());
    assert_eq!(host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("outbox")), [WhyNot::Shutdown]);
}
