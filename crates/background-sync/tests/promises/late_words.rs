//! What was said before something else, and comes after it.

use background_sync::policy::{Facts, Partition, PartitionId, SyncKind, SystemRestriction};
use background_sync::registration::Tag;
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{Input, Machine, NetworkSubject, NotStarted, Outcome, Output, WhyNot, WorkerState};

use crate::support::stories::{durable, key_of, last_commit, last_start, loaded, offline_host, register, worker_ready};
use crate::support::{Host, key, origin, secs};

#[test]
fn a_late_call_of_a_closed_partition_with_an_event_running_leaves_no_trace() {
    let mut host = Host::new();
    host.outcomes = [None].into();
    let partition = Partition::Private(PartitionId(1));
    let k = || key_of(partition, "https://secret.example");
    host.send(register(900, k(), "a"));
    host.run(secs(3));
    assert_eq!(host.events.len(), 1);
    host.send(Input::PartitionClosed { request: None, partition });
    // A call that was on its way.
    host.send(register(901, k(), "b"));
    host.run(secs(200));
    host.outputs.clear();
    assert!(
        !format!("{:?}", host.machine).contains("secret.example"),
        "the closed partition lives on, {} events",
        host.events.len()
    );
}

/// The facts of a call are of the moment at which it was made.
#[test]
fn a_late_call_restricts_nobody_for_ever() {
    let mut host = offline_host();
    host.register("outbox");
    host.send(Input::RestrictionChanged { restriction: SystemRestriction::Restricted });
    let then = Facts { restriction: SystemRestriction::Restricted, ..host.facts };
    host.send(Input::RestrictionChanged { restriction: SystemRestriction::None });
    // Made while it was restricted, and on its way since.
    let now = std::mem::replace(&mut host.facts, then);
    host.register("other");
    host.facts = now;
    host.network(NetworkState::online());
    host.run(secs(86_400));
    assert_eq!(host.events.len(), 1);
}

#[test]
fn a_call_does_not_lift_a_restriction() {
    let mut host = Host::new();
    host.send(Input::RestrictionChanged { restriction: SystemRestriction::Restricted });
    // A call whose facts were gathered before, or by a host that says it in notices only.
    host.register("outbox");
    host.run(secs(10));
    assert_eq!(host.events.len(), 0);
}

#[test]
fn a_late_general_word_says_nothing() {
    let mut host = Host::new();
    for _ in 0..9 {
        host.network(NetworkState::Offline);
        host.network(NetworkState::online());
    }
    let subject = NetworkSubject::Origin(origin());
    host.run(secs(100));
    host.register("a");
    host.run(secs(10));
    host.send(Input::NetworkChanged { subject, state: NetworkState::Offline, epoch: 100 });
    host.register("b");
    host.run(secs(10));
    host.outputs.clear();
    host.send(Input::NetworkChanged { subject: NetworkSubject::All, state: NetworkState::Offline, epoch: 2 });
    let asked = host.outputs.iter().any(|o| matches!(o, Output::AskNetwork { .. }));
    assert!(!asked, "a late word voided the origin's own");
}

/// A host that outlives its machine still has words for the one before on their way, and says them to the next.
#[test]
fn words_about_an_earlier_session_mean_nothing_in_the_next() {
    let mut before = Host::new();
    before.outcomes.push_back(None);
    before.register("outbox");
    before.run(secs(10));
    let (attempt, txn) = (before.events[0].1, last_commit(&before));
    // The same seed: only the time is another.
    let mut host = Host::new();
    host.machine = Machine::new(SyncParameters::recommended(), [7; 32]);
    (host.now, host.start, host.commit) = (before.now + secs(1), false, false);
    host.send(Input::Loaded(loaded(&durable(&before), WorkerState::Active)));
    host.network(NetworkState::online());
    host.run(secs(10));
    let (mine, my_txn) = (last_start(&host), last_commit(&host));
    assert!(mine != attempt && my_txn != txn);
    assert_eq!((mine.in_session(), attempt.in_session()), (1, 1), "the same number in each");
    let ignored = host.machine.stats().inputs_ignored;
    worker_ready(&mut host, attempt);
    host.send(Input::Committed { txn });
    host.send(Input::NotStarted { attempt, reason: NotStarted::Lost });
    host.send(Input::Finished { attempt, outcome: Outcome::Fulfilled });
    assert_eq!(host.machine.stats().inputs_ignored, ignored + 4);
    assert!(host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("outbox")).contains(&WhyNot::Starting));
}
