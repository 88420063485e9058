//! What is looked at again before an event is dispatched, and who is first.

use std::time::Duration;

use background_sync::policy::{PermissionState, SyncKind, WorkerState};
use background_sync::registration::Tag;
use background_sync::scheduler::{NetworkId, NetworkState};
use background_sync::{Input, NetworkSubject, NotStarted, Outcome, Output, RegisterError, Reply, WhyNot};

use crate::support::stories::{key_of, last_start, register, store_answers_last, with, worker_ready};
use crate::support::{Host, PROFILE, key, origin, secs};

/// A worker is being started, and the host's notices do not arrive.
fn starting() -> (Host, background_sync::AttemptId) {
    let mut host = Host::new();
    host.start = false;
    host.register("outbox");
    host.run(secs(3));
    let attempt = last_start(&host);
    (host, attempt)
}

#[test]
fn a_permission_denied_meanwhile_lets_nothing_fire() {
    let (mut host, attempt) = starting();
    host.facts.permission = PermissionState::Denied;
    worker_ready(&mut host, attempt);
    assert!(host.events.is_empty());
    assert_eq!(host.machine.registration_count(), 0);
}

#[test]
fn a_service_worker_registration_that_is_gone_takes_its_syncs_with_it() {
    let (mut host, attempt) = starting();
    host.facts.worker = WorkerState::NoSuchRegistration;
    worker_ready(&mut host, attempt);
    host.run(secs(100));
    assert_eq!(host.machine.registration_count(), 0, "held as if a worker could still come");
}

/// The host's facts are of a moment ago, or of another network.
#[test]
fn a_network_that_the_origin_lost_meanwhile_lets_nothing_fire() {
    let (mut host, attempt) = starting();
    let subject = NetworkSubject::Origin(origin());
    host.send(Input::NetworkChanged { subject, state: NetworkState::Offline, epoch: 1 });
    worker_ready(&mut host, attempt);
    assert!(host.events.is_empty());
}

#[test]
fn without_an_active_worker_nothing_is_started_until_there_is_one() {
    let (mut host, attempt) = starting();
    let starts = |host: &Host| host.outputs.iter().filter(|output| matches!(output, Output::Start { .. })).count();
    host.send(Input::NotStarted { attempt, reason: NotStarted::NoActiveWorker });
    host.run(secs(86_400));
    assert_eq!(starts(&host), 1);
    assert_eq!(host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("outbox")), [WhyNot::NoActiveWorker]);
    host.start = true;
    host.send(Input::WorkerChanged { key: key(), state: WorkerState::Active });
    assert_eq!(host.events.len(), 1);
}

/// Of two origins one was asked about already. While the oracle speaks about the other one it has a turn, but not two.
#[test]
fn an_origin_that_has_to_be_asked_about_keeps_its_place_in_the_line() {
    let mut host = Host::with(with(|parameters| parameters.max_concurrent_events = 1));
    host.outcomes = std::iter::repeat_n(None, 10).collect();
    let [eager, patient] = ["https://eager.example", "https://patient.example"].map(|url| key_of(PROFILE, url));
    host.send(register(10, eager.clone(), "0"));
    host.send(register(11, patient, "patient"));
    for n in 1..=3 {
        host.send(register(20 + n, eager.clone(), &n.to_string()));
    }
    for n in 0..4 {
        host.run(secs(1));
        let attempt = host.events[n].1;
        host.send(Input::Finished { attempt, outcome: Outcome::Fulfilled });
    }
    let order: Vec<_> = host.events.iter().map(|(.., event)| event.tag.clone()).collect();
    assert_eq!(order, ["0", "1", "2", "patient", "3"].map(Tag::from));
}

#[test]
fn nothing_is_dispatched_while_the_process_stands_still() {
    for (stops, goes_on) in [(Input::Frozen, Input::Thawed), (Input::Slept, Input::Woke)] {
        let (mut host, attempt) = starting();
        host.send(stops);
        worker_ready(&mut host, attempt);
        assert!(host.events.is_empty());
        host.start = true;
        host.send(goes_on);
        host.run(secs(10));
        assert_eq!(host.events.len(), 1);
    }
}

/// A full queue refuses at once: that one reply overtakes the earlier calls of its key, and no other does.
#[test]
fn replies_keep_the_order_of_calls_but_for_a_full_queue() {
    let mut host = Host::with(with(|parameters| parameters.max_queued_requests = 2));
    host.commit = false;
    let (first, second, refused) = (host.register("a"), host.register("b"), host.register("c"));
    let full = Reply::Registered(Err(RegisterError::QueueFull));
    assert_eq!(host.replies, [(refused, full)]);
    store_answers_last(&mut host);
    host.run(secs(1));
    let order: Vec<_> = host.replies.iter().map(|(request, _)| *request).collect();
    assert_eq!(order, [refused, first, second]);
}

#[test]
fn no_page_makes_a_worker_start_in_a_hot_loop() {
    let mut host = Host::new();
    host.start = false;
    host.register("outbox");
    host.run(secs(2));
    let mut seen = 0;
    for _ in 0..500 {
        let starts: Vec<_> = host
            .outputs
            .iter()
            .filter_map(|o| if let Output::Start { attempt, .. } = o { Some(*attempt) } else { None })
            .collect();
        if starts.len() > seen {
            seen = starts.len();
            host.send(Input::NotStarted { attempt: starts[seen - 1], reason: NotStarted::StartFailed });
        }
        host.run(Duration::from_millis(10));
        host.register("outbox");
    }
    assert!(seen <= 12, "{seen} starts in 5 s");
}

#[test]
fn an_early_retry_keeps_the_spacing() {
    let mut host = Host::new();
    let named = |n: &str| NetworkState::Online { metered: false, roaming: false, network_id: Some(NetworkId::new(n)) };
    host.network(named("a"));
    host.outcomes = [Some(Outcome::Rejected), Some(Outcome::Rejected)].into();
    host.register("outbox");
    host.run(secs(2));
    assert_eq!(host.events.len(), 1);
    host.network(named("b"));
    host.run(Duration::from_millis(50));
    host.network(named("c"));
    host.run(Duration::from_millis(50));
    let apart: Vec<_> = host.events.windows(2).map(|two| two[1].0 - two[0].0).collect();
    assert!(apart.iter().all(|apart| *apart >= secs(1)), "{apart:?}");
}
