//! Completions and closures: what dropping, losing and keeping them means, and what need not be `Send`.

use std::cell::RefCell;
use std::mem;
use std::rc::Rc;

use background_sync::policy::SyncKind;
use background_sync::registration::{Series, Tag};
use background_sync::{
    CancelError, CommitCompletion, Driver, EventName, GetTagsError, Hosts, LoadCompletion, MemoryStore, Notice,
    Outcome, RegisterError, StoreOp, SyncStore, SystemClock, TerminateReason,
};

use crate::run::{SEED, driver, register, turns, until};
use crate::store::Disk;
use crate::toy::{Stage, Told, Toy, Workers, key, page, parameters, stage};

fn starting() -> (Driver<Toy>, Stage) {
    let stage = stage(Workers::OfTheTest);
    let mut driver = driver(&stage, &Disk::default());
    register(driver.poster(), key(), "outbox");
    let _ = turns(&mut driver);
    (driver, stage)
}

fn series(driver: &Driver<Toy>) -> Series {
    driver.machine().registration(&key(), SyncKind::OneShot, &Tag::from("outbox")).unwrap().series()
}

fn logged(driver: &Driver<Toy>, event: EventName) -> usize {
    driver.machine().log().filter(|entry| entry.event == event).count()
}

#[test]
fn a_start_that_is_dropped_did_not_happen_and_is_free() {
    let (mut driver, stage) = starting();
    drop(stage.start());
    let _ = turns(&mut driver);
    assert_eq!((series(&driver).attempts, series(&driver).free_in_a_row), (0, 1));
    assert_eq!(logged(&driver, EventName::SyncEventNotStarted), 1);
    stage.toy.say(|says| says.workers = Workers::AtOnce);
    until(&mut driver, &stage.toy, |driver| driver.machine().registration_count() == 0);
    assert_eq!(stage.toy.fired(), [Tag::from("outbox")]);
}

#[test]
fn an_event_that_is_dropped_crashed_and_is_charged() {
    let (mut driver, stage) = starting();
    stage.start().ready();
    let _ = turns(&mut driver);
    drop(stage.event());
    let _ = turns(&mut driver);
    assert_eq!((series(&driver).attempts, series(&driver).free_in_a_row), (1, 0));
    assert_eq!(logged(&driver, EventName::SyncEventFailed), 1);
    stage.toy.say(|says| says.workers = Workers::AtOnce);
    until(&mut driver, &stage.toy, |driver| driver.machine().registration_count() == 0);
    assert_eq!(stage.toy.fired().len(), 2);
}

/// Nothing is ever heard of it, not even that it was dropped.
#[test]
fn a_start_that_is_kept_for_ever_is_given_up() {
    let (mut driver, stage) = starting();
    mem::forget(stage.start());
    stage.toy.say(|says| says.workers = Workers::AtOnce);
    until(&mut driver, &stage.toy, |driver| driver.machine().registration_count() == 0);
    assert!(matches!(stage.told(), Told::Abandon(_)));
    assert_eq!(stage.toy.fired(), [Tag::from("outbox")]);
}

#[test]
fn an_event_that_is_kept_for_ever_is_given_up() {
    let (mut driver, stage) = starting();
    stage.start().ready();
    let _ = turns(&mut driver);
    mem::forget(stage.event());
    stage.toy.say(|says| says.workers = Workers::AtOnce);
    until(&mut driver, &stage.toy, |driver| driver.machine().registration_count() == 0);
    assert!(matches!(stage.told(), Told::Terminate(_, TerminateReason::Timeout)));
    assert_eq!(stage.toy.fired().len(), 2);
}

#[test]
fn closures_of_the_drivers_own_thread_need_not_be_send() {
    let mut driver = driver(&stage(Workers::OfTheTest), &Disk::default());
    let heard = Rc::new(RefCell::new(Vec::new()));
    let hear = || {
        let heard = Rc::clone(&heard);
        move |what: String| heard.borrow_mut().push(what)
    };
    let on_register = hear();
    let reply = move |result: Result<(), RegisterError>, receipt: background_sync::Receipt| {
        on_register(format!("{result:?}"));
        receipt.delivered();
    };
    driver.register(key(), Tag::from("outbox"), page(), reply).unwrap();
    assert!(heard.borrow().is_empty(), "nothing runs between turns");
    let _ = turns(&mut driver);
    let on_tags = hear();
    let reply = move |result: Result<Vec<Tag>, GetTagsError>, _| on_tags(format!("{}", result.unwrap().len()));
    driver.get_tags(key(), SyncKind::OneShot, reply).unwrap();
    let _ = turns(&mut driver);
    let on_cancel = hear();
    let reply = move |result: Result<bool, CancelError>, _| on_cancel(format!("{result:?}"));
    driver.cancel(key(), SyncKind::OneShot, Tag::from("outbox"), reply).unwrap();
    let _ = turns(&mut driver);
    assert_eq!(*heard.borrow(), ["Ok(())", "1", "Ok(true)"]);
    let on_end = hear();
    let reply = move |result: Result<Vec<Tag>, GetTagsError>, _| on_end(format!("{result:?}"));
    driver.get_tags(key(), SyncKind::OneShot, reply).unwrap();
    drop(driver);
    assert_eq!(heard.borrow()[3..], ["Err(Shutdown)"], "what waits is answered when the driver goes");
}

#[test]
fn a_driver_gives_its_engine_back() {
    let stage = stage(Workers::OfTheTest);
    let mut driver = driver(&stage, &Disk::default());
    driver.engine_mut().say(|says| says.workers = Workers::AtOnce);
    let poster = driver.poster().clone();
    let waits = register(&poster, key(), "outbox");
    driver.into_engine().panic_once_at(background_sync::HostCall::Start);
    assert!(!stage.toy.has_panicked(), "it is the same engine");
    assert_eq!(waits.try_recv(), Ok(Err(RegisterError::Shutdown)));
    assert_eq!(register(&poster, key(), "late").try_recv(), Ok(Err(RegisterError::Shutdown)));
}

/// Which store it is may be known at run time only.
#[test]
fn a_store_may_be_chosen_at_run_time() {
    struct Another(MemoryStore);

    impl SyncStore for Another {
        fn load(&mut self, done: LoadCompletion) {
            self.0.load(done);
        }

        fn commit(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
            self.0.commit(ops, done);
        }

        fn rewrite(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
            self.0.rewrite(ops, done);
        }
    }

    for durable in [false, true] {
        let store: Box<dyn SyncStore> =
            if durable { Box::new(Another(MemoryStore::default())) } else { Box::new(MemoryStore::default()) };
        let stage = stage(Workers::AtOnce);
        let hosts = Hosts::new(stage.toy.clone(), store, SystemClock::starting_now());
        let mut driver = Driver::new(parameters().validated().unwrap(), SEED, || {}, |_| hosts);
        driver.poster().notify(Notice::WorkersKnown);
        assert!(register(driver.poster(), key(), "outbox").try_recv().is_err());
        let _ = turns(&mut driver);
        assert_eq!(driver.machine().stats().events_dispatched, 1);
    }
}

/// The first word counts; what comes after it is about nothing.
#[test]
fn a_late_word_about_an_event_that_was_given_up_is_nothing() {
    let (mut driver, stage) = starting();
    stage.start().ready();
    let _ = turns(&mut driver);
    let late = stage.event();
    stage.toy.say(|says| says.workers = Workers::AtOnce);
    until(&mut driver, &stage.toy, |driver| driver.machine().registration_count() == 0);
    register(driver.poster(), key(), "outbox");
    stage.toy.say(|says| says.workers = Workers::OfTheTest);
    let _ = turns(&mut driver);
    late.finish(Outcome::Fulfilled);
    let _ = turns(&mut driver);
    assert_eq!(driver.machine().registration_count(), 1, "another registration, which it is not about");
}
