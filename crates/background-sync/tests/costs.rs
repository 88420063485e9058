//! What an operation costs does not depend on how much there is, and many calls share a commit.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use background_sync::policy::SyncKind;
use background_sync::registration::{Observed, Sequence, Series, StoredRegistration, StoredState, StoredWait, Tag};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{AttemptId, Input, Loaded, Machine, Outcome, Output, Reply, RequestId, TxnId, WorkerState};
use support::{Host, key, secs};

/// A host whose worker has so many tags that wait for a retry.
fn with_waiting_tags(tags: u64) -> Host {
    let params = SyncParameters::recommended().into_parameters().with(|it| {
        it.limits.max_registrations_per_worker = 20_000;
        it.limits.max_registrations_per_origin = 20_000;
        it.first_fire_spread = secs(0);
    });
    let mut host = Host::with(params.validated().unwrap());
    let clock = host.clock();
    let wait = StoredWait::new(clock.wall.after(secs(10_000)), secs(10_000));
    let registrations = (1..=tags)
        .map(|number| StoredRegistration {
            sequence: Sequence(number),
            key: key(),
            kind: SyncKind::OneShot,
            tag: Tag::from(format!("waiting {number}").as_str()),
            state: StoredState::Waiting(wait, false),
            series: Series::charged(1),
            registered: Observed { wall: clock.wall, running: secs(0) },
            network: None,
            schedule: None,
        })
        .collect();
    host.machine = Machine::new(host.machine.parameters().clone(), [7; 32]);
    host.network(NetworkState::online());
    let worker_states = vec![(key(), WorkerState::Active)];
    host.send(Input::Loaded(Loaded { registrations, worker_states, ..Loaded::default() }));
    host
}

/// Registrations looked at by each operation in turn.
fn visits(tags: u64) -> Vec<(&'static str, u64)> {
    let mut host = with_waiting_tags(tags);
    assert_eq!(host.machine.registration_count() as u64, tags);
    host.outcomes = [None].into();
    host.deliver = false;
    let mut visits = Vec::new();
    let mut visit = |host: &mut Host, what, act: &mut dyn FnMut(&mut Host)| {
        let before = host.machine.stats().registrations_visited;
        act(host);
        visits.push((what, host.machine.stats().registrations_visited - before));
    };
    visit(&mut host, "an empty due scan", &mut |host| host.send(Input::Tick));
    let mut request = RequestId(0);
    visit(&mut host, "register", &mut |host| request = host.register("new"));
    let first = request;
    visit(&mut host, "register again", &mut |host| request = host.register("new"));
    visit(&mut host, "fire", &mut |host| host.send(Input::ReplyDelivered { request: first }));
    assert_eq!(host.reply(request), Some(&Reply::Registered(Ok(()))));
    let (_, attempt, _) = host.events[0].clone();
    let outcome = Outcome::Fulfilled;
    visit(&mut host, "complete", &mut |host| host.send(Input::Finished { attempt, outcome }));
    visit(&mut host, "its commit", &mut |host| host.run(secs(10)));
    assert_eq!(host.machine.registration_count() as u64, tags);
    visits
}

#[test]
fn no_operation_looks_at_registrations_it_is_not_about() {
    let few = visits(10);
    assert_eq!(visits(10_000), few);
    assert_eq!(few[0], ("an empty due scan", 0));
    assert!(few.iter().all(|(_, visits)| *visits <= 8), "{few:?}");
}

/// Calls of one page before any of them is answered.
const CALLS: usize = 200;
/// Commits they may take.
const COMMITS: usize = 20;

#[test]
fn i5_calls_that_arrive_during_a_commit_share_the_next() {
    let mut host = Host::new();
    host.network(NetworkState::Offline);
    host.commit = false;
    let requests: Vec<_> = (0..CALLS).map(|number| host.register(&format!("tag {number}"))).collect();
    assert!(requests.iter().all(|request| host.reply(*request).is_none()), "I3: commit, then reply");
    host.commit = true;
    let txn = last_commit(&host);
    host.send(Input::Committed { txn });
    for request in requests {
        assert_eq!(host.reply(request), Some(&Reply::Registered(Ok(()))));
    }
    assert!(host.commits.len() <= COMMITS, "{} commits", host.commits.len());
}

#[test]
fn the_worker_starts_while_its_attempt_is_written() {
    let mut host = host_about_to_start();
    let (attempt, txn) = start_and_commit(&mut host);
    host.send(Input::Ready { attempt, facts: host.facts, network: host.network.clone() });
    assert!(host.events.is_empty(), "I5: not before it is durable");
    host.send(Input::Committed { txn });
    assert_eq!(host.events.len(), 1);
}

#[test]
fn the_attempt_may_be_written_before_the_worker_runs() {
    let mut host = host_about_to_start();
    let (attempt, txn) = start_and_commit(&mut host);
    host.send(Input::Committed { txn });
    assert!(host.events.is_empty(), "nobody is there to take it");
    host.send(Input::Ready { attempt, facts: host.facts, network: host.network.clone() });
    assert_eq!(host.events.len(), 1);
}

/// One registration, durable and acknowledged; the host has fallen silent.
fn host_about_to_start() -> Host {
    let mut host = Host::new();
    host.deliver = false;
    host.register("outbox");
    host.commit = false;
    host.start = false;
    host.outputs.clear();
    host
}

/// The start comes without anything having been committed, and the commit with it.
fn start_and_commit(host: &mut Host) -> (AttemptId, TxnId) {
    let request = host.replies[0].0;
    host.send(Input::ReplyDelivered { request });
    let attempt = host.outputs.iter().find_map(|output| match output {
        Output::Start { attempt, .. } => Some(*attempt),
        _ => None,
    });
    (attempt.unwrap(), last_commit(host))
}

fn last_commit(host: &Host) -> TxnId {
    let mut txns = host.outputs.iter().filter_map(|output| match output {
        Output::Commit { txn, .. } => Some(*txn),
        _ => None,
    });
    txns.next_back().unwrap()
}
