//! Drivers and threads over a toy engine.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use background_sync::policy::RegistrationKey;
use background_sync::registration::Tag;
use background_sync::scheduler::SyncParameters;
use background_sync::{
    Driver, EngineHost, HostCall, Next, Notice, Poster, RegisterError, Removal, RemovalError, Report,
};

use crate::store::{Disk, ToyStore};
use crate::toy::{Stage, Toy, page, parameters};

pub(crate) const SEED: [u8; 32] = [7; 32];

/// A driver over a store that stores at once. The engine knows its workers.
pub(crate) fn driver(stage: &Stage, disk: &Disk) -> Driver<Toy> {
    driver_with(stage, ToyStore::at_once(&stage.toy, disk), parameters())
}

pub(crate) fn driver_with(stage: &Stage, store: ToyStore, params: SyncParameters) -> Driver<Toy> {
    let toy = stage.toy.clone();
    let driver = Driver::new(params.validated().unwrap(), SEED, || {}, |_| toy.hosts(store));
    driver.poster().notify(Notice::WorkersKnown);
    driver
}

/// As an engine's loop does: until there is nothing more at hand.
pub(crate) fn turns(driver: &mut Driver<impl EngineHost>) -> Next {
    loop {
        match driver.turn() {
            Next::AtOnce => {}
            next @ (Next::Within(_) | Next::WhenWoken | Next::Stopped) => return next,
        }
    }
}

/// Turns, and time that goes by, until something is so. Time is moved to where the driver says that something is due.
pub(crate) fn until(driver: &mut Driver<Toy>, toy: &Toy, done: impl Fn(&Driver<Toy>) -> bool) {
    for _ in 0..1_000 {
        let next = turns(driver);
        driver.machine().check_invariants().unwrap();
        if done(driver) {
            return;
        }
        match next {
            Next::Within(time) => toy.advance(time),
            Next::WhenWoken | Next::Stopped | Next::AtOnce => panic!("nothing more comes: {next:?}"),
        }
    }
    panic!("it never comes");
}

/// Time that goes by in steps, whatever is due.
pub(crate) fn let_pass(driver: &mut Driver<Toy>, toy: &Toy, time: Duration) {
    for _ in 0..10 {
        toy.advance(time / 10);
        let _ = turns(driver);
    }
}

/// A call from any thread, with the answer on its way. Its page hears of it at once.
pub(crate) fn register(poster: &Poster, key: RegistrationKey, tag: &str) -> Receiver<Result<(), RegisterError>> {
    let (answer, answered) = channel();
    let posted = poster.register(key, Tag::from(tag), page(), move |result, receipt| {
        let _ = answer.send(result);
        receipt.delivered();
    });
    posted.unwrap_or_else(|refused| refused.answer());
    answered
}

/// A removal, with the answer on its way.
pub(crate) fn remove(poster: &Poster, removal: Removal) -> Receiver<Result<(), RemovalError>> {
    let (answer, answered) = channel();
    let posted = poster.remove(removal, move |result| {
        let _ = answer.send(result);
    });
    if let Err(refused) = posted {
        (refused.reply)(Err(refused.error));
    }
    answered
}

/// The panics that a driver reports, and nothing else that it reports.
pub(crate) fn panics(driver: &mut Driver<Toy>) -> Vec<HostCall> {
    driver.reports().filter_map(panic_in).collect()
}

pub(crate) fn panic_in(report: Report) -> Option<HostCall> {
    match report {
        Report::HostPanicked(panic) => Some(panic.during),
        _ => None,
    }
}

/// Ends those who go on until it is set, also when the test that waits for them fails.
pub(crate) struct Stop<'a>(pub(crate) &'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
