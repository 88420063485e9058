//! Background sync, the constellation and a page as threads of one process.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::sync::mpsc::{Receiver, channel};
use std::thread;

use background_sync::policy::Refusal;
use background_sync::registration::Tag;
use background_sync::{ClearedScope, NotStarted, Outcome, RegisterError, Removal, TerminateReason, WorkerState};
use background_sync_servo::{BackgroundSyncMsg, ClientEvent, RegisterReply, TupleOrigin, WorkerCommand, partition};
use embedder_traits::{AllowOrDeny, PermissionFeature};
use servo_base::generic_channel::{GenericCallback, channel as generic_channel};
use servo_url::ServoUrl;
use support::{Constellation, FOREVER, PAGE, pipeline, registration};

/// A page's side of a call: the reply comes on a channel, as a task would in its queue.
fn page() -> (GenericCallback<RegisterReply>, Receiver<RegisterReply>) {
    let (task, queue) = channel();
    (GenericCallback::new(move |reply| drop(task.send(reply.unwrap()))).unwrap(), queue)
}

/// Calls `register` and resolves the promise.
fn registered(constellation: &Constellation, tag: &str) -> Result<(), RegisterError> {
    let (callback, queue) = page();
    constellation.register(tag, callback);
    let reply = queue.recv_timeout(FOREVER).unwrap();
    reply.delivered.send(()).unwrap();
    reply.result
}

#[test]
fn a_sync_is_registered_fired_and_done() {
    let constellation = Constellation::start();
    assert_eq!(registered(&constellation, "outbox"), Ok(()));
    let WorkerCommand::Start { attempt, registration: of, started } = constellation.command() else { panic!() };
    assert_eq!(of, registration());
    started.send(Ok(())).unwrap();
    let WorkerCommand::Dispatch { attempt: dispatched, event, ended, .. } = constellation.command() else { panic!() };
    assert_eq!((dispatched, event.tag, event.last_chance), (attempt, Tag::from("outbox"), false));
    assert_eq!(constellation.tags(), Ok(vec![Tag::from("outbox")]));
    // A worker ends its event on its own thread.
    thread::spawn(move || ended.send(Outcome::Fulfilled).unwrap()).join().unwrap();
    assert_eq!(constellation.tags(), Ok(vec![]));
    constellation.exit();
}

#[test]
fn a_callback_that_is_dropped_is_an_answer() {
    let constellation = Constellation::start();
    registered(&constellation, "outbox").unwrap();
    let WorkerCommand::Start { attempt: first, started, .. } = constellation.command() else { panic!() };
    started.send(Ok(())).unwrap();
    let WorkerCommand::Dispatch { ended, .. } = constellation.command() else { panic!() };
    drop(ended);
    let WorkerCommand::Start { attempt: second, started, .. } = constellation.command() else { panic!() };
    assert_ne!(first, second, "the worker has crashed, so it is tried again");
    started.send(Err(NotStarted::NoActiveWorker)).unwrap();
    constellation.tell(BackgroundSyncMsg::WorkerChanged(registration(), WorkerState::Active));
    assert_eq!(constellation.tags(), Ok(vec![Tag::from("outbox")]), "what was not started is kept");
    constellation.exit();
}

#[test]
fn an_event_waits_until_its_promise_is_settled() {
    let constellation = Constellation::without_time();
    let (callback, queue) = page();
    constellation.register("outbox", callback);
    let RegisterReply { result, delivered } = queue.recv_timeout(FOREVER).unwrap();
    assert_eq!(result, Ok(()));
    assert_eq!(constellation.tags(), Ok(vec![Tag::from("outbox")]));
    assert!(constellation.commands.try_recv().is_err(), "the page does not know yet that it is registered");
    delivered.send(()).unwrap();
    assert!(matches!(constellation.command(), WorkerCommand::Start { .. }));
    constellation.exit();
}

#[test]
fn a_call_has_the_facts_of_its_moment() {
    let constellation = Constellation::start();
    let (before, of_before) = page();
    let (after, of_after) = page();
    constellation.register("before", before);
    constellation.tell(BackgroundSyncMsg::Clients(ClientEvent::PipelineExited(pipeline())));
    constellation.register("after", after);
    assert_eq!(of_before.recv_timeout(FOREVER).unwrap().result, Ok(()));
    let refused = of_after.recv_timeout(FOREVER).unwrap().result;
    assert_eq!(refused, Err(RegisterError::Refused(Refusal::NoWindow)));
    constellation.exit();
}

#[test]
fn a_permission_is_refused_for_one_origin() {
    let constellation = Constellation::start();
    let origin = |url: &str| TupleOrigin::of(&ServoUrl::parse(url).unwrap()).unwrap();
    let decide = |url, feature, decision| {
        let (is_private, origin) = (false, origin(url));
        constellation.tell(BackgroundSyncMsg::PermissionDecided { is_private, origin, feature, decision });
    };
    decide("https://other.example/", PermissionFeature::BackgroundSync, Some(AllowOrDeny::Deny));
    decide(PAGE, PermissionFeature::Notifications, Some(AllowOrDeny::Deny));
    assert_eq!(registered(&constellation, "outbox"), Ok(()));
    decide(PAGE, PermissionFeature::BackgroundSync, Some(AllowOrDeny::Deny));
    let refused = registered(&constellation, "outbox");
    assert_eq!(refused, Err(RegisterError::Refused(Refusal::PermissionDenied)));
    constellation.exit();
}

#[test]
fn cleared_data_is_acknowledged_and_gone() {
    let constellation = Constellation::start();
    registered(&constellation, "outbox").unwrap();
    let origin = registration().storage_key().ours().clone();
    let removal = Removal::DataCleared(ClearedScope::Origin(partition(false), origin), None);
    let (done, answer) = GenericCallback::new_blocking().unwrap();
    constellation.tell(BackgroundSyncMsg::Remove(removal, done));
    assert_eq!(answer.recv().unwrap(), Ok(()));
    assert_eq!(constellation.tags(), Ok(vec![]));
    constellation.exit();
}

#[test]
fn an_event_that_runs_is_terminated_at_the_end() {
    let constellation = Constellation::start();
    registered(&constellation, "outbox").unwrap();
    let WorkerCommand::Start { started, .. } = constellation.command() else { panic!() };
    started.send(Ok(())).unwrap();
    let WorkerCommand::Dispatch { attempt: dispatched, ended, .. } = constellation.command() else { panic!() };
    let Constellation { sync, commands } = constellation;
    drop(sync);
    let WorkerCommand::Terminate { attempt, reason, .. } = commands.try_recv_timeout(FOREVER).ok().unwrap() else {
        panic!()
    };
    assert_eq!((attempt, reason), (dispatched, TerminateReason::Shutdown), "nobody can tell it anything any more");
    drop(ended);
    assert!(commands.recv().is_err(), "the thread has ended");
}

#[test]
fn messages_pass_between_servos_channels() {
    let (sender, receiver) = generic_channel().unwrap();
    let constellation = Constellation::start();
    sender.send(constellation.sync.clone()).unwrap();
    let (exited, exit) = servo_base::generic_channel::oneshot().unwrap();
    receiver.recv().unwrap().send(BackgroundSyncMsg::Exit(exited)).unwrap();
    exit.recv().unwrap();
    assert!(constellation.commands.recv().is_err(), "the way that was sent leads to the thread");
}
