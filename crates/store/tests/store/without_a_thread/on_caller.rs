//! What only a store without a thread promises.

use std::{
    sync::{Arc, Mutex, mpsc::channel},
    thread,
};

use background_sync::{CommitCompletion, Driver, LoadCompletion, SyncStore, scheduler::SyncParameters};

use super::open;
use crate::{
    common::{commit, load, put, registration},
    engine::{hosts, page},
};

#[test]
fn a_commit_is_over_when_it_returns_and_was_answered_on_the_thread_that_asked() {
    let directory = tempfile::tempdir().unwrap();
    let (mut store, _) = open(&directory.path().join("sync.redb"));
    for write in [SyncStore::commit, SyncStore::rewrite] {
        let answered = Arc::new(Mutex::new(None));
        let note = answered.clone();
        let done = CommitCompletion::new(move |result| {
            *note.lock().unwrap() = Some((thread::current().id(), result));
        });
        write(&mut store, vec![put(1)], done);
        assert_eq!(*answered.lock().unwrap(), Some((thread::current().id(), Ok(()))));
    }
}

#[test]
fn a_completion_of_a_load_may_drop_its_store() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let (mut store, _) = open(&path);
    commit(&mut store, vec![put(1)]).unwrap();
    let (send, dropped) = channel();
    let slot = Arc::new(Mutex::new(Some(store)));
    let own = slot.clone();
    let mut guard = slot.lock().unwrap();
    guard.as_mut().unwrap().load(LoadCompletion::new(move |result| {
        drop(own.lock().unwrap().take());
        send.send(result.unwrap().registrations.len()).unwrap();
    }));
    drop(guard);
    assert_eq!(dropped.recv().unwrap(), 1);
    // its thread closes the file
    let mut again = loop {
        match background_sync_store::RedbStore::open_without_thread(&path, |_| {}) {
            Err(background_sync_store::OpenError::InUse(_)) => thread::yield_now(),
            opened => break opened.unwrap(),
        }
    };
    assert_eq!(load(&mut again).unwrap().registrations.len(), 1);
}

#[test]
fn on_a_loop_a_call_is_durable_in_the_turn_that_takes_it_in() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let (store, _) = open(&path);
    let stats = store.stats_handle();
    let mut driver = Driver::new(SyncParameters::recommended(), [7; 32], || {}, |_| hosts(store));
    while driver.machine().log().next().is_none() {
        // the load has a thread
        let _ = driver.turn();
        thread::yield_now();
    }
    let (answer, answers) = channel();
    let (key, tag) = (registration(1).key, registration(1).tag);
    driver.register(key, tag, page(), move |result, _| answer.send(result).unwrap()).unwrap();
    let _ = driver.turn();
    assert_eq!(answers.try_recv(), Ok(Ok(())));
    assert_eq!(stats.read().commits, 1);
    drop(driver);
    assert_eq!(load(&mut open(&path).0).unwrap().registrations.len(), 1);
}
