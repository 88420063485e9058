//! Hosts that say what is not so, too late, too early, twice, or all at once. It comes to an error, a count, or nothing:
//! never to a panic, a loss, a wait without end, or an event that should not fire.

mod attempts;
mod store;
mod world;

use background_sync::Driver;

use crate::run::{driver, panics, register, turns, until};
use crate::store::Disk;
use crate::toy::{Stage, Toy, Workers, key, stage};

/// `outbox` is being started by the test.
fn starting() -> (Driver<Toy>, Stage) {
    let stage = stage(Workers::OfTheTest);
    let mut driver = driver(&stage, &Disk::default());
    register(driver.poster(), key(), "outbox");
    let _ = turns(&mut driver);
    (driver, stage)
}

/// In the end the event fires, so many times in all, and nothing has panicked.
fn fires_in_the_end(driver: &mut Driver<Toy>, toy: &Toy, times: usize) {
    toy.say(|says| says.workers = Workers::AtOnce);
    until(driver, toy, |driver| driver.machine().registration_count() == 0);
    assert_eq!(toy.fired().len(), times);
    assert!(panics(driver).is_empty());
}

fn ignored(driver: &Driver<Toy>) -> u64 {
    driver.machine().stats().inputs_ignored
}
