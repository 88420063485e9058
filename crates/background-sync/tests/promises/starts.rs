//! What is looked at again before an event is dispatched, and who is first.

use background_sync::policy::{ActiveWorker, PermissionState};
use background_sync::{Input, RegisterError, Reply};

use crate::support::stories::{last_start, store_answers_last, with, worker_ready};
use crate::support::{Host, secs};

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
    host.facts.worker = ActiveWorker::NoSuchRegistration;
    worker_ready(&mut host, attempt);
    host.run(secs(100));
    assert_eq!(host.machine.registration_count(), 0, "held as if a worker could still come");
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
