//! Calls that wait together are written together, whoever does the writing.

use std::sync::mpsc::{Receiver, Sender, channel};

use background_sync::{
    BackgroundSyncThread, Driver, Poster, RegisterError, policy::SyncKind, scheduler::SyncParameters,
};

use super::open;
use crate::{
    common::{load, registration},
    engine::{hosts, page},
};

const CALLERS: u64 = 64;

type Answers = Receiver<Result<(), RegisterError>>;

/// One call of each caller, for ten workers.
fn register_all(poster: &Poster) -> Answers {
    let (answer, answers): (Sender<_>, _) = channel();
    for caller in 0..CALLERS {
        let (key, tag, answer) = (registration(caller % 10).key, registration(caller).tag, answer.clone());
        let posted = poster.register(key, tag, page(), move |result, receipt| {
            answer.send(result).unwrap();
            receipt.delivered();
        });
        posted.unwrap();
    }
    answers
}

#[test]
fn on_a_thread() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let (store, _) = open(&path);
    let handle = BackgroundSyncThread::new(SyncParameters::recommended(), [7; 32]).spawn(|_| hosts(store)).unwrap();
    // the thread is inside a call until every caller has made its own
    let ((begins, begun), (release, released)) = (channel(), channel::<()>());
    let posted = handle.poster().get_tags(registration(1).key, SyncKind::OneShot, move |_, receipt| {
        begins.send(()).unwrap();
        assert!(released.recv().is_err());
        receipt.delivered();
    });
    posted.unwrap();
    begun.recv().unwrap();
    let answers = register_all(handle.poster());
    drop(release);
    assert!(answers.iter().all(|answer| answer == Ok(())));
    assert_eq!(handle.inspect(|machine| machine.stats().commits), Ok(1));
    handle.shut_down(std::time::Duration::from_secs(60)).unwrap();
    assert_eq!(load(&mut open(&path).0).unwrap().registrations.len() as u64, CALLERS);
}

#[test]
fn on_a_loop() {
    let directory = tempfile::tempdir().unwrap();
    let (store, _) = open(&directory.path().join("sync.redb"));
    let mut driver = Driver::new(SyncParameters::recommended(), [7; 32], || {}, |_| hosts(store));
    while driver.machine().log().next().is_none() {
        // what comes before the end of the load is written together anyway
        let _ = driver.turn();
        std::thread::yield_now();
    }
    let answers = register_all(driver.poster());
    let mut answered = 0;
    while answered < CALLERS {
        let _ = driver.turn();
        answered += answers.try_iter().inspect(|answer| assert_eq!(*answer, Ok(()))).count() as u64;
        std::thread::yield_now();
    }
    assert_eq!(driver.machine().stats().commits, 1);
}
