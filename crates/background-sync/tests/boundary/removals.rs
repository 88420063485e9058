//! Removals that somebody waits for: answered when no crash brings back what was taken away.

use std::sync::mpsc::Receiver;

use background_sync::policy::{Partition, PartitionId, PermissionState, SyncKind, UserSwitch};
use background_sync::scheduler::NetworkState;
use background_sync::{ClearedScope, Driver, Next, Notice, Removal, RemovalError};

use crate::run::{driver, driver_with, register, remove, turns};
use crate::store::{Disk, Job, ToyStore};
use crate::toy::{PROFILE, Stage, Toy, Workers, key, origin, parameters, stage};

/// A disk on which `outbox` is stored.
fn disk_with_one() -> Disk {
    let disk = Disk::default();
    let mut driver = driver(&offline(), &disk);
    register(driver.poster(), key(), "outbox");
    let _ = turns(&mut driver);
    driver.poster().notify(Notice::Shutdown);
    assert_eq!(turns(&mut driver), Next::Stopped);
    assert_eq!(disk.tags(), ["outbox"]);
    disk
}

fn offline() -> Stage {
    stage(Workers::OfTheTest).saying(|says| says.network = NetworkState::Offline)
}

/// Every removal that takes `outbox` away, by what the engine says when it is made.
fn removals() -> [Removal; 6] {
    [
        Removal::Permission(PROFILE, origin(), SyncKind::OneShot),
        Removal::UserSwitch(None, SyncKind::OneShot, UserSwitch::Off),
        Removal::UserSwitch(Some((PROFILE, origin())), SyncKind::OneShot, UserSwitch::Off),
        Removal::Unregistered(key()),
        Removal::DataCleared(ClearedScope::Key(key()), None),
        Removal::DataCleared(ClearedScope::Partition(PROFILE), None),
    ]
}

fn waiting(disk: &Disk) -> (Driver<Toy>, Stage, Receiver<Job>) {
    let stage = offline();
    let (store, jobs) = ToyStore::that_waits_with_all(&stage.toy, disk);
    (driver_with(&stage, store, parameters()), stage, jobs)
}

#[test]
fn a_removal_is_answered_when_the_store_has_been_written() {
    for removal in removals() {
        let disk = disk_with_one();
        let (mut driver, stage, jobs) = waiting(&disk);
        let _ = turns(&mut driver);
        jobs.try_iter().for_each(Job::run);
        let _ = turns(&mut driver);
        stage.toy.say(|says| says.permission = PermissionState::Denied);
        let answered = remove(driver.poster(), removal.clone());
        let _ = turns(&mut driver);
        assert_eq!(driver.machine().registration_count(), 0, "{removal:?}");
        assert!(answered.try_recv().is_err(), "{removal:?}: a crash would bring it back");
        assert_eq!(disk.tags(), ["outbox"], "{removal:?}");
        jobs.try_iter().for_each(Job::run);
        let _ = turns(&mut driver);
        assert_eq!(answered.try_recv(), Ok(Ok(())), "{removal:?}");
        assert!(disk.tags().is_empty(), "{removal:?}");
    }
}

#[test]
fn one_that_is_asked_for_before_the_store_is_read_waits_for_that_and_is_kept() {
    for removal in removals() {
        let disk = disk_with_one();
        let (mut driver, stage, jobs) = waiting(&disk);
        stage.toy.say(|says| says.permission = PermissionState::Denied);
        let answered = remove(driver.poster(), removal.clone());
        let _ = turns(&mut driver);
        assert!(answered.try_recv().is_err(), "{removal:?}");
        stage.toy.say(|says| says.permission = PermissionState::Prompt);
        for _ in 0..3 {
            jobs.try_iter().for_each(Job::run);
            let _ = turns(&mut driver);
        }
        assert_eq!(answered.try_recv(), Ok(Ok(())), "{removal:?}");
        assert!(disk.tags().is_empty(), "{removal:?}");
    }
}

#[test]
fn one_that_is_asked_for_before_the_store_is_read_and_never_comes_to_it_says_so() {
    for removal in removals() {
        let disk = disk_with_one();
        let (mut driver, stage, _jobs) = waiting(&disk);
        stage.toy.say(|says| says.permission = PermissionState::Denied);
        let answered = remove(driver.poster(), removal.clone());
        driver.poster().notify(Notice::Shutdown);
        assert_eq!(turns(&mut driver), Next::Stopped);
        assert_eq!(answered.try_recv(), Ok(Err(RemovalError::Shutdown)), "{removal:?}");
        assert_eq!(disk.tags(), ["outbox"], "{removal:?}: it did not happen");
    }
}

/// What stores nothing has nothing to wait for.
#[test]
fn a_private_partition_is_closed_at_once() {
    let (mut driver, _stage, jobs) = waiting(&Disk::default());
    let _ = turns(&mut driver);
    jobs.try_iter().for_each(Job::run);
    let answered = remove(driver.poster(), Removal::PartitionClosed(Partition::Private(PartitionId(1))));
    let _ = turns(&mut driver);
    assert_eq!(answered.try_recv(), Ok(Ok(())));
}

#[test]
fn after_the_end_a_removal_did_not_happen() {
    let (mut driver, _stage, _jobs) = waiting(&Disk::default());
    let _ = turns(&mut driver);
    let poster = driver.poster().clone();
    let in_the_queue = remove(&poster, Removal::Unregistered(key()));
    drop(driver);
    assert_eq!(in_the_queue.try_recv(), Ok(Err(RemovalError::Shutdown)));
    assert_eq!(remove(&poster, Removal::Unregistered(key())).try_recv(), Ok(Err(RemovalError::Shutdown)));
}
