//! The machine on the engine's own loop: what there is without the feature `thread`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod engine;

use std::sync::mpsc::channel;

use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{Caller, Driver, Notice, Outcome};
use engine::{key, parameters, stage};

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
    let Ok(engine::Told::Start(event)) = stage.told.try_recv() else { panic!("not a start") };
    event.ready();
    assert!(stage.told.try_recv().is_err());
    driver.turn();
    let Ok(engine::Told::Dispatch(_, init)) = stage.told.try_recv() else { panic!("not a dispatch") };
    assert_eq!((init.tag, init.last_chance), (Tag::from("outbox"), false));
    event.finish(Outcome::Fulfilled);
    let next = driver.turn();
    assert_eq!(driver.machine().registration_count(), 0);
    assert!(next.is_some(), "its end is written before long");
    driver.poster().notify(Notice::Shutdown);
    assert_eq!(driver.turn(), None);
    assert!(driver.is_stopped());
}
