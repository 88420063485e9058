//! Panics of what only a thread has: whoever looks, whoever watches, what comes last.

use std::sync::mpsc::{Receiver, channel};

use background_sync::registration::{Now, Tag};
use background_sync::scheduler::NetworkState;
use background_sync::{
    BackgroundSyncThread, Clock, Exit, HostCall, Hosts, InspectError, KeepAlive, Poster, Receipt, RegisterError, Report,
};

use crate::run::{SEED, panic_in, register};
use crate::store::{Disk, ToyStore};
use crate::toy::{PATIENCE, Stage, Workers, key, only, page, parameters, stage};

/// A thread with somebody who watches.
fn watched() -> (BackgroundSyncThread, Receiver<Report>) {
    let (seen, sees) = channel();
    let thread = BackgroundSyncThread::new(parameters().validated().unwrap(), SEED);
    let thread = thread.observer(move |report| {
        let _ = seen.send(report);
    });
    (thread, sees)
}

fn offline() -> Stage {
    stage(Workers::OfTheTest).with_system_clock().saying(|says| says.network = NetworkState::Offline)
}

/// The panics that were reported, when everything has ended.
fn panics(reports: Receiver<Report>) -> Vec<HostCall> {
    reports.into_iter().filter_map(panic_in).collect()
}

#[test]
fn an_inspector_that_panics_gets_no_answer_and_harms_nobody() {
    let (stage, (thread, reports)) = (offline(), watched());
    let (toy, store) = (stage.toy.clone(), ToyStore::at_once(&stage.toy, &Disk::default()));
    let handle = thread.spawn(move |_| toy.hosts(store)).unwrap();
    let looked: Result<(), _> = handle.inspect(|_| panic!("I saw too much"));
    assert_eq!(looked, Err(InspectError::Panicked("I saw too much".to_owned())));
    assert_eq!(only(&register(handle.poster(), key(), "outbox")), Ok(()));
    assert_eq!(handle.shut_down(PATIENCE), Ok(Exit::ShutDown));
    assert_eq!(panics(reports), [HostCall::Inspect]);
}

/// The reply of a page whose thread died, as everybody writes it.
#[test]
fn a_reply_that_panics_costs_nobody_else_anything() {
    let (stage, (thread, reports)) = (offline(), watched());
    let (toy, store) = (stage.toy.clone(), ToyStore::at_once(&stage.toy, &Disk::default()));
    let handle = thread.spawn(move |_| toy.hosts(store)).unwrap();
    let (answer, dead) = channel();
    drop(dead);
    let reply = move |result: Result<(), RegisterError>, _: Receipt| answer.send(result).unwrap();
    handle.poster().register(key(), Tag::from("outbox"), page(), reply).unwrap();
    assert_eq!(only(&register(handle.poster(), key(), "another")), Ok(()));
    assert_eq!(handle.inspect(|machine| machine.registration_count()), Ok(2), "it is registered all the same");
    handle.shut_down(PATIENCE).unwrap();
    assert_eq!(panics(reports), [HostCall::Reply]);
}

#[test]
fn an_observer_that_panics_hears_of_it_and_of_what_comes_next() {
    let stage = offline();
    let (toy, store) = (stage.toy.clone(), ToyStore::at_once(&stage.toy, &Disk::default()));
    let (seen, sees) = channel();
    let mut first = true;
    let observer = move |report| {
        assert!(!std::mem::take(&mut first), "a mistake");
        seen.send(report).unwrap();
    };
    let thread = BackgroundSyncThread::new(parameters().validated().unwrap(), SEED).observer(observer);
    let handle = thread.spawn(move |_| toy.hosts(store)).unwrap();
    assert_eq!(only(&register(handle.poster(), key(), "outbox")), Ok(()));
    handle.shut_down(PATIENCE).unwrap();
    let reports: Vec<_> = sees.into_iter().collect();
    assert_eq!(reports.first().cloned().and_then(panic_in), Some(HostCall::Observer));
    assert!(reports.len() > 1);
}

#[test]
fn a_panic_at_the_very_end_is_reported_and_the_end_is_the_end() {
    let (stage, (thread, reports)) = (offline(), watched());
    let (toy, store) = (stage.toy.clone(), ToyStore::at_once(&stage.toy, &Disk::default()));
    let handle = thread.on_exit(|_| panic!("a mistake")).spawn(move |_| toy.hosts(store)).unwrap();
    assert_eq!(handle.shut_down(PATIENCE), Ok(Exit::ShutDown));
    assert_eq!(panics(reports), [HostCall::OnExit]);
}

/// Both of them: a second panic while the first unwinds would end the process.
#[test]
fn hosts_that_panic_when_they_are_dropped_keep_nobody_from_hearing_of_the_end() {
    struct Fragile;

    impl Drop for Fragile {
        fn drop(&mut self) {
            std::panic::panic_any("a mistake");
        }
    }

    impl Clock for Fragile {
        fn now(&mut self) -> Now {
            Now::default()
        }
    }

    impl KeepAlive for Fragile {
        fn keep_alive(&mut self, _: bool) {}
    }

    let (stage, (thread, reports)) = (offline(), watched());
    let (toy, store) = (stage.toy.clone(), ToyStore::at_once(&stage.toy, &Disk::default()));
    let (ended, end) = channel();
    let on_exit = move |exit: &Exit| ended.send(exit.clone()).unwrap();
    let hosts = move |_: &Poster| Hosts::new(toy, store, Fragile).with_keep_alive(Fragile);
    let handle = thread.on_exit(on_exit).spawn(hosts).unwrap();
    assert_eq!(handle.shut_down(PATIENCE), Ok(Exit::ShutDown));
    assert_eq!(end.recv_timeout(PATIENCE), Ok(Exit::ShutDown));
    assert_eq!(panics(reports), [HostCall::Destructor, HostCall::Destructor]);
}
