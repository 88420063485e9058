//! What is known of a worker.

use background_sync_registration::SyncRegistrationLists;

use super::*;
use crate::machine::parts::named::{at, key, origins, secs};

const STATES: [WorkerState; 5] = [
    WorkerState::NoSuchRegistration,
    WorkerState::NotLoaded,
    WorkerState::None,
    WorkerState::Activating,
    WorkerState::Active,
];

fn worker(state: WorkerState) -> Worker {
    let mut lists = SyncRegistrationLists::new();
    let lists = SyncKind::ALL.map(|kind| lists.add_list(key(0), kind));
    let [origin] = origins();
    Worker::new(key(0), origin, lists, state)
}

/// An activating worker is an active one: only going from one of these to another state matters, and back.
#[test]
fn a_state_matters_when_it_says_something_else_about_starting() {
    let is_ready = |state| [WorkerState::Activating, WorkerState::Active].contains(&state);
    for (before, after) in STATES.into_iter().flat_map(|before| STATES.map(|after| (before, after))) {
        let mut worker = worker(before);
        assert_eq!(worker.set_state(after), is_ready(before) != is_ready(after), "{before:?}, {after:?}");
        assert_eq!(worker.readiness() == WorkerReadiness::Ready, is_ready(after));
        assert_eq!(worker.is_unregistered(), after == WorkerState::NoSuchRegistration);
    }
}

/// A host that has not read its registrations yet cannot know that there is none.
#[test]
fn a_doubt_lasts_until_the_host_knows_or_says_something() {
    for (state, matters) in STATES.into_iter().zip([false, false, false, true, true]) {
        let mut worker = worker(state);
        assert_eq!(worker.doubt(), matters, "{state:?}");
        assert_eq!((worker.readiness(), worker.is_unregistered()), (WorkerReadiness::InDoubt, false));
        let mut told = worker;
        told.doubt_is_over();
        assert_eq!(told.readiness(), WorkerReadiness::NotLoaded, "it has to be asked");
        told.doubt();
        assert!(told.set_state(WorkerState::Active));
        assert_eq!(told.readiness(), WorkerReadiness::Ready);
    }
}

#[test]
fn kinds_are_counted_apart() {
    let mut worker = worker(WorkerState::Active);
    for (kind, by) in [(SyncKind::OneShot, 1), (SyncKind::OneShot, 1), (SyncKind::Periodic, 1), (SyncKind::OneShot, -1)]
    {
        worker.count_registration(kind, by);
    }
    worker.count_registration(SyncKind::Periodic, -1);
    assert_eq!(SyncKind::ALL.map(|kind| worker.registrations(kind)), [1, 0]);
    assert_eq!(SyncKind::ALL.map(|kind| worker.list(kind)), worker.lists());
    assert_ne!(worker.list(SyncKind::OneShot), worker.list(SyncKind::Periodic));
}

#[test]
fn its_own_key_is_told_from_an_equal_one() {
    let worker = worker(WorkerState::Active);
    assert!(worker.has_key(&worker.key().clone()));
    assert!(!worker.has_key(&key(0)), "it is equal, and was made apart");
}

/// An event in which it registers again is a hop; an attempt that came to nothing is none, but it ends as well.
#[test]
fn ends_are_noted_and_only_events_are_hops() {
    let (mut worker, params) = (worker(WorkerState::Active), SyncParameters::recommended());
    let [outbox, drafts] = ["outbox", "drafts"].map(Tag::from);
    worker.attempt_ended(&drafts, at(1), &params);
    assert_eq!([worker.recent_end(&outbox), worker.recent_end(&drafts)], [None, Some(at(1))]);
    assert_eq!(worker.hop(at(1), &params), secs(0));
    for (second, hop) in [(2, 0), (3, 1), (4, 2)] {
        worker.event_dispatched(at(second), &params);
        assert_eq!(worker.hop(at(second), &params), secs(hop));
        worker.event_ended(&outbox, at(second), &params);
        assert_eq!(worker.recent_end(&outbox), Some(at(second)));
    }
    assert_eq!(worker.recent_end(&drafts), None, "a second is over");
    let quiet = at(5).after(params.loop_window);
    assert_eq!(worker.hop(quiet, &params), secs(0), "no event runs, and none ended just now");
}
