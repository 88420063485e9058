//! The machine on a thread of its own, as the rest of an engine sees it.

#![cfg(feature = "thread")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod engine;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use background_sync::policy::SyncKind;
use background_sync::registration::{Series, Tag};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{
    BackgroundSyncThread, CancelError, EventName, Exit, GetTagsError, Handle, InspectError, Outcome, RegisterError,
};
use engine::{PATIENCE, Stage, Told, call as page, key, parameters, stage};

fn spawn(params: SyncParameters, network: NetworkState, keep: bool) -> (Handle, Stage) {
    let (stage, hosts) = stage(network, keep);
    let handle = BackgroundSyncThread::new(params.validated().unwrap(), [7; 32]).spawn(|_| hosts()).unwrap();
    (handle, stage)
}

/// A call with the answer on its way.
fn call<T: Send + 'static>(make: impl FnOnce(Sender<T>)) -> Receiver<T> {
    let (answer, answered) = channel();
    make(answer);
    answered
}

fn register(handle: &Handle, tag: &str) -> Receiver<Result<(), RegisterError>> {
    call(|answer| {
        let posted = handle.poster().register(key(), Tag::from(tag), page(), move |result, receipt| {
            answer.send(result).unwrap();
            receipt.delivered();
        });
        posted.unwrap_or_else(|refused| refused.answer());
    })
}

fn get_tags(handle: &Handle) -> Receiver<Result<Vec<Tag>, GetTagsError>> {
    call(|answer| {
        let posted = handle.poster().get_tags(key(), SyncKind::OneShot, move |result, receipt| {
            answer.send(result).unwrap();
            receipt.delivered();
        });
        posted.unwrap_or_else(|refused| refused.answer());
    })
}

fn cancel(handle: &Handle, tag: &str) -> Receiver<Result<bool, CancelError>> {
    call(|answer| {
        let posted = handle.poster().cancel(key(), SyncKind::OneShot, Tag::from(tag), move |result, receipt| {
            answer.send(result).unwrap();
            receipt.delivered();
        });
        posted.unwrap_or_else(|refused| refused.answer());
    })
}

/// The one answer of a call. Its way back is gone afterwards, so there is no second one.
fn only<T>(answered: &Receiver<T>) -> T {
    let answer = answered.recv_timeout(PATIENCE).unwrap();
    assert!(answered.recv_timeout(PATIENCE).is_err(), "I7: a second answer");
    answer
}

/// Keeps the thread busy, inside a call, until the sender is dropped.
fn busy(handle: &Handle) -> Sender<()> {
    let (release, released) = channel::<()>();
    let (begins, begun) = channel();
    let posted = handle.poster().get_tags(key(), SyncKind::OneShot, move |_, receipt| {
        begins.send(()).unwrap();
        assert!(released.recv().is_err());
        receipt.delivered();
    });
    posted.unwrap();
    begun.recv_timeout(PATIENCE).unwrap();
    release
}

#[test]
fn calls_go_there_and_back() {
    let (handle, _stage) = spawn(parameters(), NetworkState::Offline, true);
    assert_eq!(only(&get_tags(&handle)), Ok(vec![]));
    assert_eq!(only(&register(&handle, "b")), Ok(()));
    assert_eq!(only(&register(&handle, "a")), Ok(()));
    assert_eq!(only(&get_tags(&handle)), Ok(vec![Tag::from("b"), Tag::from("a")]));
    assert_eq!(only(&cancel(&handle, "b")), Ok(true));
    assert_eq!(only(&cancel(&handle, "b")), Ok(false));
    assert_eq!(only(&get_tags(&handle)), Ok(vec![Tag::from("a")]));
}

#[test]
fn i10_a_full_queue_refuses_calls_and_lets_completions_through() {
    let params = parameters().with(|it| it.max_queued_requests = 2);
    let (handle, stage) = spawn(params, NetworkState::online(), true);
    assert_eq!(only(&register(&handle, "outbox")), Ok(()));
    let event = stage.dispatched();
    let release = busy(&handle);
    let waiting = [get_tags(&handle), get_tags(&handle)];
    assert_eq!(only(&get_tags(&handle)), Err(GetTagsError::QueueFull));
    assert_eq!(only(&register(&handle, "another")), Err(RegisterError::QueueFull));
    assert_eq!(only(&cancel(&handle, "outbox")), Err(CancelError::QueueFull));
    event.finish(Outcome::Fulfilled);
    drop(release);
    for answered in &waiting {
        assert_eq!(only(answered), Ok(vec![Tag::from("outbox")]));
    }
    assert_eq!(only(&get_tags(&handle)), Ok(vec![]), "the event's end came through, and there is room again");
}

#[test]
fn i7_shutdown_answers_everything_in_flight_once() {
    let (handle, stage) = spawn(parameters(), NetworkState::Offline, false);
    let kept = register(&handle, "kept");
    stage.next_commit().finish(Ok(()));
    assert_eq!(only(&kept), Ok(()));
    let committing = register(&handle, "in the commit");
    let commit = stage.next_commit();
    let waiting = register(&handle, "in the next commit");
    let cancelled = cancel(&handle, "kept");
    let behind = get_tags(&handle);
    let stopped = call(|answer| {
        let handle = handle.clone();
        std::thread::spawn(move || {
            answer.send(handle.shut_down(PATIENCE)).unwrap();
        });
    });
    assert_eq!(only(&committing), Err(RegisterError::Shutdown));
    assert_eq!(only(&waiting), Err(RegisterError::Shutdown));
    assert_eq!(only(&cancelled), Err(CancelError::Shutdown));
    assert_eq!(only(&behind), Err(GetTagsError::Shutdown));
    assert!(stopped.try_recv().is_err(), "a commit is in flight");
    commit.finish(Ok(()));
    stage.next_commit().finish(Ok(()));
    assert_eq!(only(&stopped), Ok(Exit::ShutDown));
    assert_eq!(only(&register(&handle, "too late")), Err(RegisterError::Shutdown));
    assert_eq!(only(&get_tags(&handle)), Err(GetTagsError::Shutdown));
    assert_eq!(handle.inspect(|machine| machine.registration_count()), Err(InspectError::Ended));
}

#[test]
fn i5_calls_that_arrive_during_a_slow_commit_share_the_next() {
    let (handle, stage) = spawn(parameters(), NetworkState::Offline, false);
    let calls: Vec<_> = (0..200).map(|number| register(&handle, &format!("tag {number}"))).collect();
    let slow = stage.next_commit();
    // Looking waits for its turn: by then the thread has taken every call.
    assert_eq!(handle.inspect(|machine| machine.registration_count()), Ok(calls.len()));
    slow.finish(Ok(()));
    std::thread::spawn(move || stage.commits.into_iter().for_each(|commit| commit.finish(Ok(()))));
    for answered in &calls {
        assert_eq!(only(answered), Ok(()));
    }
    let commits = handle.inspect(|machine| machine.stats().commits).unwrap();
    assert!(commits <= 20, "{commits} commits");
}

#[test]
fn a_completion_that_is_dropped_before_its_event_did_not_start() {
    let (handle, stage) = spawn(parameters(), NetworkState::online(), true);
    assert_eq!(only(&register(&handle, "outbox")), Ok(()));
    let Told::Start(start) = stage.told() else { panic!("not a start") };
    drop(start);
    let (series, events) = outbox(&handle);
    assert_eq!((series.attempts, series.free_in_a_row), (0, 1));
    assert!(events.contains(&EventName::SyncEventNotStarted) && !events.contains(&EventName::SyncEventFailed));
}

#[test]
fn a_completion_that_is_dropped_after_its_event_began_is_a_crash() {
    let (handle, stage) = spawn(parameters(), NetworkState::online(), true);
    assert_eq!(only(&register(&handle, "outbox")), Ok(()));
    drop(stage.dispatched());
    let (series, events) = outbox(&handle);
    assert_eq!((series.attempts, series.free_in_a_row), (1, 0));
    assert!(events.contains(&EventName::SyncEventFailed) && !events.contains(&EventName::SyncEventNotStarted));
}

/// The attempts of the one registration, and what was logged.
fn outbox(handle: &Handle) -> (Series, Vec<EventName>) {
    handle
        .inspect(|machine| {
            let series = machine.registration(&key(), SyncKind::OneShot, &Tag::from("outbox")).unwrap().series();
            (series, machine.log().map(|entry| entry.event).collect())
        })
        .unwrap()
}

const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Whether a snapshot comes to show so many registrations, without anything else happening.
fn comes_to_show(handle: &Handle, registrations: usize) -> bool {
    (0..PATIENCE.as_millis() / LOOK_EVERY.as_millis()).any(|_| {
        std::thread::sleep(LOOK_EVERY);
        handle.snapshot().is_some_and(|snapshot| snapshot.registration_count == registrations)
    })
}

#[test]
fn a_snapshot_can_be_read_while_the_thread_is_busy() {
    let (handle, _stage) = spawn(parameters(), NetworkState::Offline, true);
    assert!(comes_to_show(&handle, 0));
    assert_eq!(only(&register(&handle, "outbox")), Ok(()));
    assert!(comes_to_show(&handle, 1));
    let release = busy(&handle);
    let snapshot = handle.snapshot().unwrap();
    assert_eq!(snapshot.registrations[0].tag, Tag::from("outbox"));
    assert_eq!(snapshot.network, NetworkState::Offline);
    drop(release);
    assert_eq!(only(&register(&handle, "another")), Ok(()));
    handle.shut_down(PATIENCE).unwrap();
    assert_eq!(handle.snapshot().unwrap().registration_count, 2, "the last one is taken when it stops");
}
