//! The machine on the engine's own loop: what there is without the feature `thread`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod engine;

use std::sync::mpsc::channel;

use background_sync::policy::Refusal;
use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{
    Caller, ClearedScope, Driver, EventCompletion, NotStarted, Notice, Outcome, RegisterError, WhyNot, WorkerState,
};
use engine::{Stage, Told, key, parameters, stage, stage_with};

#[test]
fn a_sync_is_registered_fired_and_done_turn_by_turn() {
    let (stage, hosts) = stage(NetworkState::online(), true);
    let mut driver = Driver::new(parameters().validated().unwrap(), 7, |_| hosts());
    let (answer, answered) = channel();
    driver.poster().register(key(), Tag::from("outbox"), Caller::PAGE, move |result, receipt| {
        answer.send(result).unwrap();
        receipt.delivered();
    });
    assert!(answered.try_recv().is_err(), "nothing happens between turns");
    driver.turn();
    assert_eq!(answered.try_recv(), Ok(Ok(())));
    let Ok(Told::Start(event)) = stage.told.try_recv() else { panic!("not a start") };
    event.ready();
    assert!(stage.told.try_recv().is_err());
    driver.turn();
    let Ok(Told::Dispatch(_, init)) = stage.told.try_recv() else { panic!("not a dispatch") };
    assert_eq!((init.tag, init.last_chance), (Tag::from("outbox"), false));
    event.finish(Outcome::Fulfilled);
    let next = driver.turn();
    assert_eq!(driver.machine().registration_count(), 0);
    assert!(next.is_some(), "its end is written before long");
    driver.poster().notify(Notice::Shutdown);
    assert_eq!(driver.turn(), None);
    assert!(driver.is_stopped());
}

/// A driver in which `outbox` is registered and its worker is being started.
fn starting() -> (Driver, Stage, EventCompletion) {
    let (stage, hosts) = stage(NetworkState::online(), true);
    let mut driver = Driver::new(parameters().validated().unwrap(), 7, |_| hosts());
    driver.poster().register(key(), Tag::from("outbox"), Caller::PAGE, |_, receipt| receipt.delivered());
    driver.turn();
    let Ok(Told::Start(event)) = stage.told.try_recv() else { panic!("not a start") };
    (driver, stage, event)
}

/// The host says that there is no active worker, and that there is one again has been said before that arrives.
#[test]
fn a_worker_that_is_back_before_its_absence_is_heard_of_is_not_waited_for() {
    let (mut driver, _stage, event) = starting();
    driver.poster().notify(Notice::Worker(key()));
    event.not_started(NotStarted::NoActiveWorker);
    driver.turn();
    let reasons = driver.machine().why_not(&key(), &Tag::from("outbox"));
    assert!(matches!(reasons[..], [WhyNot::Spacing { .. }]), "{reasons:?}");
}

#[test]
fn a_worker_that_is_not_loaded_yet_registers_nothing() {
    let (_stage, hosts) = stage_with(WorkerState::NotLoaded, NetworkState::online(), true);
    let mut driver = Driver::new(parameters().validated().unwrap(), 7, |_| hosts());
    let (answer, answered) = channel();
    driver.poster().register(key(), Tag::from("outbox"), Caller::PAGE, move |result, receipt| {
        answer.send(result).unwrap();
        receipt.delivered();
    });
    driver.turn();
    assert_eq!(answered.try_recv(), Ok(Err(RegisterError::Refused(Refusal::NoActiveWorker))));
}

/// Its host lets go of the completion when it is told to abandon the start; that is no mistake of the host's.
#[test]
fn a_late_word_about_an_abandoned_start_is_nothing() {
    let (mut driver, stage, event) = starting();
    driver.poster().notify(Notice::DataCleared(ClearedScope::Key(key()), None));
    driver.turn();
    assert!(matches!(stage.told.try_recv(), Ok(Told::Abandon(attempt)) if attempt == event.attempt()));
    event.ready();
    drop(event);
    driver.turn();
    assert_eq!(driver.machine().stats().inputs_ignored, 0);
}
