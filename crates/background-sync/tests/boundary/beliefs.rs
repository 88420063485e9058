//! What a start believes: a registry that is still empty, permissions that have gone.

use std::time::Duration;

use background_sync::policy::{PermissionState, SyncKind, UserSwitch, WorkerState};
use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{Driver, HostCall, Next, Notice, Removal, WhyNot};

use crate::run::{SEED, driver, register, turns, until};
use crate::store::{Disk, ToyStore};
use crate::toy::{Stage, Toy, Workers, key, key_of, parameters, stage};

/// A disk on which a sync of each of these sites is stored.
fn disk_of(sites: &[&str]) -> Disk {
    let disk = Disk::default();
    let stage = stage(Workers::OfTheTest).saying(|says| says.network = NetworkState::Offline);
    let mut driver = driver(&stage, &disk);
    for site in sites {
        register(driver.poster(), key_of(site), site);
    }
    end(&mut driver);
    assert_eq!(disk.tags(), sites);
    disk
}

fn end(driver: &mut Driver<Toy>) {
    let _ = turns(driver);
    driver.poster().notify(Notice::Shutdown);
    assert_eq!(turns(driver), Next::Stopped);
}

/// A start at which nothing was said about the engine's own registrations.
fn start(stage: &Stage, disk: &Disk) -> Driver<Toy> {
    let (toy, store) = (stage.toy.clone(), ToyStore::at_once(&stage.toy, disk));
    let mut driver = Driver::new(parameters().validated().unwrap(), SEED, || {}, |_| toy.hosts(store));
    let _ = turns(&mut driver);
    driver
}

#[test]
fn a_registry_that_is_still_empty_deletes_nothing_however_often_it_starts() {
    let disk = disk_of(&["chat"]);
    for _ in 0..3 {
        let stage = stage(Workers::AtOnce).saying(|says| says.worker = WorkerState::NoSuchRegistration);
        let mut driver = start(&stage, &disk);
        driver.poster().notify(Notice::Worker(key()));
        let _ = turns(&mut driver);
        let why_not = driver.machine().why_not(&key(), SyncKind::OneShot, &Tag::from("chat"));
        assert!(why_not.contains(&WhyNot::WorkersNotKnown), "{why_not:?}");
        end(&mut driver);
        assert_eq!(disk.tags(), ["chat"]);
        assert!(stage.toy.fired().is_empty());
    }
}

/// Those that it has read by then go on, those that it still does not know go.
#[test]
fn what_the_engine_does_not_know_when_it_has_read_its_registry_goes() {
    let disk = disk_of(&["gone", "there"]);
    let stage = stage(Workers::AtOnce).saying(|says| says.worker = WorkerState::NoSuchRegistration);
    let mut driver = start(&stage, &disk);
    assert_eq!(driver.machine().registration_count(), 2);
    stage.toy.say(|says| says.worker_of.extend([(key_of("there"), WorkerState::Active)]));
    driver.poster().notify(Notice::WorkersKnown);
    until(&mut driver, &stage.toy, |driver| driver.machine().registration_count() == 0);
    assert_eq!(stage.toy.fired(), [Tag::from("there")]);
    end(&mut driver);
    assert!(disk.tags().is_empty());
}

/// As the trait asks of an engine that cannot tell yet. It need not name each of them afterwards.
#[test]
fn what_was_not_loaded_is_asked_for_again_when_the_engine_has_read_its_registry() {
    let disk = disk_of(&["gone", "there"]);
    let stage = stage(Workers::AtOnce).saying(|says| says.worker = WorkerState::NotLoaded);
    let mut driver = start(&stage, &disk);
    stage.toy.say(|says| {
        says.worker = WorkerState::NoSuchRegistration;
        says.worker_of.insert(key_of("there"), WorkerState::Active);
    });
    driver.poster().notify(Notice::WorkersKnown);
    until(&mut driver, &stage.toy, |driver| driver.machine().registration_count() == 0);
    assert_eq!(stage.toy.fired(), [Tag::from("there")]);
}

/// An engine that is asked for the first time, and panics, has not said that there is nothing.
#[test]
fn a_panic_at_the_start_is_no_word_about_a_worker() {
    let disk = disk_of(&["chat"]);
    let stage = stage(Workers::AtOnce);
    stage.toy.panic_once_at(HostCall::WorkerState);
    let mut driver = start(&stage, &disk);
    assert_eq!(driver.machine().registration_count(), 1);
    driver.poster().notify(Notice::WorkersKnown);
    until(&mut driver, &stage.toy, |driver| driver.machine().registration_count() == 0);
    assert_eq!(stage.toy.fired(), [Tag::from("chat")]);
}

/// The engine has said all that it has to say, so no notice comes: the driver asks again by itself, more and more seldom.
#[test]
fn a_panic_over_a_worker_holds_its_sync_until_the_engine_answers_and_no_notice_is_needed() {
    let disk = disk_of(&["chat"]);
    let stage = stage(Workers::AtOnce);
    let panicking = stage.toy.panic_at_each(HostCall::WorkerState);
    let mut driver = start(&stage, &disk);
    driver.poster().notify(Notice::WorkersKnown);
    let mut waits = Vec::new();
    while waits.len() < 14 {
        let Next::Within(wait) = turns(&mut driver) else { panic!("nobody asks again") };
        assert!(driver.machine().registration_count() == 1 && stage.toy.fired().is_empty());
        waits.push(wait.as_secs());
        stage.toy.advance(wait);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 3_600, 3_600]);
    drop(panicking);
    until(&mut driver, &stage.toy, |driver| driver.machine().registration_count() == 0);
    assert_eq!(stage.toy.fired(), [Tag::from("chat")]);
    let asked = stage.toy.calls(HostCall::WorkerState);
    stage.toy.advance(Duration::from_secs(86_400));
    assert_eq!(turns(&mut driver), Next::WhenWoken);
    assert_eq!(stage.toy.calls(HostCall::WorkerState), asked, "it has answered");
}

/// The next time that it panics the wait is a short one again.
#[test]
fn nobody_asks_again_about_a_worker_that_was_unregistered() {
    let stage = stage(Workers::AtOnce).saying(|says| says.network = NetworkState::Offline);
    let mut driver = driver(&stage, &Disk::default());
    let _ = turns(&mut driver);
    for _ in 0..2 {
        register(driver.poster(), key(), "chat");
        stage.toy.panic_once_at(HostCall::WorkerState);
        driver.poster().notify(Notice::Worker(key()));
        assert_eq!(turns(&mut driver), Next::Within(Duration::from_secs(1)));
        driver.poster().notify(Removal::Unregistered(key()));
        let _ = turns(&mut driver);
        let asked = stage.toy.calls(HostCall::WorkerState);
        stage.toy.advance(Duration::from_secs(60));
        let _ = turns(&mut driver);
        assert_eq!(stage.toy.calls(HostCall::WorkerState), asked);
    }
}

#[test]
fn a_worker_of_an_origin_that_was_denied_meanwhile_is_never_started() {
    for denied in [true, false] {
        let disk = disk_of(&["chat"]);
        let stage = stage(Workers::AtOnce).saying(|says| match denied {
            true => says.permission = PermissionState::Denied,
            false => says.switch = UserSwitch::Off,
        });
        let mut driver = start(&stage, &disk);
        driver.poster().notify(Notice::WorkersKnown);
        end(&mut driver);
        assert_eq!((stage.toy.calls(HostCall::Start), stage.toy.fired().len()), (0, 0));
        assert!(disk.tags().is_empty(), "it is revoked, as if somebody had watched");
    }
}
