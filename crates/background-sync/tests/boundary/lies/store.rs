//! Stores that hand the same over again, and stores that fail.

use std::time::Duration;

use background_sync::policy::SyncKind;
use background_sync::registration::{Observed, Sequence, Series, StoredRegistration, StoredState, Tag};
use background_sync::{
    CommitCompletion, Driver, Hosts, LoadCompletion, Notice, StoreContents, StoreFailure, StoreOp, SyncStore,
};

use crate::run::{SEED, driver_with, let_pass, register, turns, until};
use crate::store::{Disk, Job, ToyStore};
use crate::toy::{Workers, key, parameters, stage};

/// Hands each of its rows over again and again, some with the same number, and answers every commit from within.
struct Stutters(Vec<StoredRegistration>);

impl SyncStore for Stutters {
    fn load(&mut self, mut done: LoadCompletion) {
        done.rows(self.0.clone());
        done.rows(Vec::new());
        done.rows(self.0.clone());
        done.finish(Ok(StoreContents::default().with(|it| it.registrations.clone_from(&self.0))));
    }

    fn commit(&mut self, _: Vec<StoreOp>, done: CommitCompletion) {
        done.finish(Ok(()));
    }

    fn rewrite(&mut self, _: Vec<StoreOp>, done: CommitCompletion) {
        done.finish(Ok(()));
    }
}

#[test]
fn a_store_that_hands_the_same_over_again_makes_one_event_of_it() {
    let row = |number, tag: &str| StoredRegistration {
        sequence: Sequence(number),
        key: key(),
        kind: SyncKind::OneShot,
        tag: Tag::from(tag),
        state: StoredState::Pending(None),
        series: Series::default(),
        registered: Observed::default(),
        network: None,
        schedule: None,
    };
    let stage = stage(Workers::AtOnce);
    let rows = vec![row(1, "a"), row(1, "b"), row(2, "a"), row(u64::MAX, "c")];
    let hosts = Hosts::new(stage.toy.clone(), Stutters(rows), stage.toy.clone());
    let mut driver = Driver::new(parameters().validated().unwrap(), SEED, || {}, |_| hosts);
    driver.poster().notify(Notice::WorkersKnown);
    until(&mut driver, &stage.toy, |driver| driver.machine().registration_count() == 0);
    let mut fired: Vec<_> = stage.toy.fired().iter().map(Tag::to_string).collect();
    let all = fired.len();
    fired.sort();
    fired.dedup();
    assert_eq!(fired.len(), all, "no tag twice: {fired:?}");
    assert!(register(driver.poster(), key(), "new").try_recv().is_err());
    until(&mut driver, &stage.toy, |driver| driver.machine().registration_count() == 0);
}

/// It lets go of what it is asked for, or says that it failed, for long: first it cannot be read, then nothing is written.
/// Then it works.
#[test]
fn a_store_that_fails_for_long_is_tried_again_and_nothing_is_acknowledged_meanwhile() {
    let stage = stage(Workers::AtOnce);
    let disk = Disk::default();
    let (store, jobs) = ToyStore::that_waits_with_all(&stage.toy, &disk);
    let mut driver = driver_with(&stage, store, parameters());
    let failures = [None, Some(StoreFailure::Failed("no".to_owned())), Some(StoreFailure::Dropped)];
    for can_be_read in [false, true] {
        if can_be_read {
            let_pass(&mut driver, &stage.toy, Duration::from_secs(300));
            jobs.try_iter().for_each(Job::run);
            let _ = turns(&mut driver);
        }
        for failure in failures.iter().cycle().take(6) {
            let refused = register(driver.poster(), key(), "outbox");
            let_pass(&mut driver, &stage.toy, Duration::from_secs(300));
            jobs.try_iter().for_each(|job| match failure {
                Some(failure) => job.fail(failure.clone()),
                None => drop(job),
            });
            let _ = turns(&mut driver);
            assert!(!matches!(refused.try_recv(), Ok(Ok(()))), "{failure:?}");
            assert!(stage.toy.fired().is_empty());
        }
        assert_eq!(driver.machine().stats().commits_failed > 0, can_be_read);
    }
    let mut accepted = register(driver.poster(), key(), "outbox");
    for _ in 0..10 {
        let_pass(&mut driver, &stage.toy, Duration::from_secs(300));
        jobs.try_iter().for_each(Job::run);
        let _ = turns(&mut driver);
        match accepted.try_recv() {
            Ok(Ok(())) => break,
            Ok(Err(_)) => accepted = register(driver.poster(), key(), "outbox"),
            Err(_) => {}
        }
    }
    for _ in 0..300 {
        let_pass(&mut driver, &stage.toy, Duration::from_secs(5));
        jobs.try_iter().for_each(Job::run);
    }
    assert_eq!(stage.toy.fired(), [Tag::from("outbox")]);
}
