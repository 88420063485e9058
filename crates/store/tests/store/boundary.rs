//! What the boundary promises about a store that is a file: it is free when background sync has gone, however it went, and
//! a start over it believes no registry that is still empty.

use std::cell::Cell;
use std::rc::Rc;
use std::{path::Path, sync::mpsc::channel, time::Duration};

use background_sync::{
    AttemptId, BackgroundSyncThread, ClearedScope, Driver, EventCompletion, EventName, Exit, Hosts, NetworkOracle,
    Next, Notice, OriginHost, Removal, ServiceWorkerHost, SpawnError, StartCompletion, SyncEventInit, SystemClock,
    TerminateReason, WorkerState,
    policy::{Origin, Partition, PermissionState, RegistrationKey, SyncKind, WindowClients},
    scheduler::{NetworkState, SyncParameters},
};
use background_sync_store::RedbStore;

use super::open;
use crate::common::{PARTITION, load, registration};
use crate::engine::{Offline, hosts, page};

const PATIENCE: Duration = Duration::from_secs(60);

fn thread() -> BackgroundSyncThread {
    BackgroundSyncThread::new(SyncParameters::recommended(), [7; 32])
}

fn stored(path: &Path) -> usize {
    load(&mut open(path).0).unwrap().registrations.len()
}

#[test]
fn hosts_that_could_not_be_made_leave_the_store_free() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    for panics in [false, true] {
        let (store, _) = open(&path);
        let spawned = thread().spawn(move |_| {
            let _store = store;
            assert!(!panics, "a mistake");
            Err::<Hosts<Offline>, _>("there is no profile")
        });
        assert!(matches!(spawned, Err(SpawnError::Hosts("there is no profile") | SpawnError::Panicked(_))));
        assert_eq!(stored(&path), 0);
    }
}

#[test]
fn a_store_that_is_in_use_is_an_error_of_spawn() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let (_in_use, _) = open(&path);
    let again = path.clone();
    let spawned = thread().spawn(move |_| RedbStore::open(again, |_| ()).map(hosts));
    assert!(matches!(spawned, Err(SpawnError::Hosts(_))), "{spawned:?}");
}

/// Nobody shuts anything down; the last handle goes.
#[test]
fn a_thread_whose_handles_have_gone_frees_the_store() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let (store, _) = open(&path);
    let (ended, end) = channel();
    let on_exit = move |exit: &Exit| ended.send(exit.clone()).unwrap();
    let handle = thread().on_exit(on_exit).spawn(|_| hosts(store)).unwrap();
    let (answer, answered) = channel();
    let reply = move |result, _| answer.send(result).unwrap();
    handle.poster().register(registration(1).key, registration(1).tag, page(), reply).unwrap();
    assert_eq!(answered.recv_timeout(PATIENCE).unwrap(), Ok(()));
    drop(handle);
    assert_eq!(end.recv_timeout(PATIENCE), Ok(Exit::ShutDown));
    assert_eq!(stored(&path), 1);
}

#[test]
fn a_driver_that_is_dropped_frees_the_store() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let (store, _) = open(&path);
    let driver = Driver::new(SyncParameters::recommended(), [7; 32], || {}, |_| hosts(store));
    drop(driver.into_engine());
    assert_eq!(stored(&path), 0);
}

/// A removal that was answered is in no store that is opened afterwards, though nothing was shut down.
#[test]
fn what_was_removed_and_acknowledged_is_in_the_file_no_more() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let (store, _) = open(&path);
    let handle = thread().spawn(|_| hosts(store)).unwrap();
    let (answer, answered) = channel();
    let (registered, removed) = (answer.clone(), answer);
    let reply = move |result: Result<(), _>, _| registered.send(result.is_ok()).unwrap();
    handle.poster().register(registration(1).key, registration(1).tag, page(), reply).unwrap();
    assert!(answered.recv_timeout(PATIENCE).unwrap());
    let removal = Removal::DataCleared(ClearedScope::Partition(PARTITION), None);
    handle.poster().remove(removal, move |result| removed.send(result.is_ok()).unwrap()).unwrap();
    assert!(answered.recv_timeout(PATIENCE).unwrap());
    let copy = directory.path().join("as it is now.redb");
    std::fs::copy(&path, &copy).unwrap();
    assert_eq!(stored(&copy), 0, "as after a crash");
}

/// What an engine's registry says about every worker.
struct Registry(Rc<Cell<WorkerState>>);

impl ServiceWorkerHost for Registry {
    fn state(&mut self, _: &RegistrationKey) -> WorkerState {
        self.0.get()
    }

    fn start(&mut self, _: &RegistrationKey, _: StartCompletion) {
        unreachable!("there is no network")
    }

    fn dispatch(&mut self, _: &RegistrationKey, _: &SyncEventInit, _: Duration, _: EventCompletion) {}
    fn terminate(&mut self, _: &RegistrationKey, _: AttemptId, _: TerminateReason) {}
}

impl OriginHost for Registry {
    fn windows(&mut self, _: Partition, _: &Origin) -> WindowClients {
        WindowClients::none()
    }

    fn permission(&mut self, _: Partition, _: &Origin, _: SyncKind) -> PermissionState {
        PermissionState::Granted
    }
}

impl NetworkOracle for Registry {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        NetworkState::Offline
    }
}

/// Starts over the file with a registry in this state, tells of it, and ends.
fn session(path: &Path, says: WorkerState, known: bool) {
    let ((wake, woken), (store, _)) = (channel(), open(path));
    let engine = Registry(Rc::new(Cell::new(says)));
    let mut driver = Driver::new(
        SyncParameters::recommended(),
        [7; 32],
        move || wake.send(()).unwrap(),
        |_| Hosts::new(engine, store, SystemClock::starting_now()),
    );
    driver.poster().notify(Notice::Worker(registration(1).key));
    let mut ending = false;
    loop {
        let next = driver.turn();
        if !ending && driver.machine().log().any(|entry| entry.event == EventName::StoreLoaded) {
            if known {
                driver.poster().notify(Notice::WorkersKnown);
            }
            driver.poster().notify(Notice::Shutdown);
            ending = true;
        }
        match next {
            Next::Stopped => return,
            Next::AtOnce => {}
            Next::Within(_) | Next::WhenWoken => woken.recv_timeout(PATIENCE).expect("a wake-up was lost"),
        }
    }
}

#[test]
fn an_empty_registry_deletes_nothing_until_the_engine_has_read_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let (store, _) = open(&path);
    let handle = thread().spawn(|_| hosts(store)).unwrap();
    let (answer, answered) = channel();
    let reply = move |result, _| answer.send(result).unwrap();
    handle.poster().register(registration(1).key, registration(1).tag, page(), reply).unwrap();
    assert_eq!(answered.recv_timeout(PATIENCE).unwrap(), Ok(()));
    handle.shut_down(PATIENCE).unwrap();
    for _ in 0..3 {
        session(&path, WorkerState::NoSuchRegistration, false);
        assert_eq!(stored(&path), 1);
    }
    session(&path, WorkerState::NotLoaded, true);
    assert_eq!(stored(&path), 1);
    session(&path, WorkerState::NoSuchRegistration, true);
    assert_eq!(stored(&path), 0, "now it is known that there is none");
}
