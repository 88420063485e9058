//! Somebody who watches: no promise waits for it, and it is told what it missed.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{BackgroundSyncThread, Handle, Receipt, RegisterError, Report};

use crate::run::SEED;
use crate::store::{Disk, ToyStore};
use crate::toy::{PATIENCE, Stage, Workers, key_of, page, parameters, stage};

/// How many reports an observer may be behind.
const MOST: u64 = 1_024;

fn spawn(stage: &Stage, observer: impl FnMut(Report) + Send + 'static) -> Handle {
    let (toy, store) = (stage.toy.clone(), ToyStore::at_once(&stage.toy, &Disk::default()));
    let thread = BackgroundSyncThread::new(parameters().validated().unwrap(), SEED).observer(observer);
    thread.spawn(move |_| toy.hosts(store)).unwrap()
}

fn call(handle: &Handle, site: &str) -> Receiver<Result<(), RegisterError>> {
    let (answer, answered) = channel();
    let reply = move |result, _: Receipt| answer.send(result).unwrap();
    handle.poster().register(key_of(site), Tag::from("outbox"), page(), reply).unwrap();
    answered
}

/// Calls of so many sites, each answered.
fn registered(handle: &Handle, calls: u64) {
    let answers: Vec<Receiver<_>> = (0..calls).map(|number| call(handle, &format!("site{number}"))).collect();
    for answered in answers {
        assert_eq!(answered.recv_timeout(PATIENCE).unwrap(), Ok(()));
    }
}

/// It does not come back from its first report before every promise is kept: no time is measured.
#[test]
fn an_observer_that_takes_for_ever_delays_no_promise_and_is_told_what_it_missed() {
    let stage = stage(Workers::OfTheTest).with_system_clock().saying(|says| says.network = NetworkState::Offline);
    let (go_on, may_go_on) = channel::<()>();
    let (seen, sees) = channel();
    let may_go_on = Mutex::new(may_go_on);
    let handle = spawn(&stage, move |report| {
        assert!(may_go_on.lock().unwrap().recv().is_err());
        seen.send(report).unwrap();
    });
    registered(&handle, 2 * MOST);
    handle.shut_down(PATIENCE).unwrap();
    assert!(sees.try_recv().is_err(), "it is still in the first one");
    drop(go_on);
    let reports: Vec<_> = sees.into_iter().collect();
    assert!(matches!(reports.last(), Some(Report::Missed(_))), "told at the end, as nothing more comes");
    assert_eq!(told(&reports) + missed(&reports), 1 + 2 * MOST);
    assert!(told(&reports) < 2 * MOST);
}

/// Reports of something that happened.
fn told(reports: &[Report]) -> u64 {
    reports.iter().filter(|report| !matches!(report, Report::Missed(_))).count() as u64
}

/// Those that are missing, as it was told.
fn missed(reports: &[Report]) -> u64 {
    let missed = reports.iter().map(|report| if let Report::Missed(missed) = report { *missed } else { 0 });
    missed.sum()
}

/// One that is slow for a while is told in the place where something is missing.
#[test]
fn what_was_missed_is_told_where_it_is_missing() {
    let stage = stage(Workers::OfTheTest).with_system_clock().saying(|says| says.network = NetworkState::Offline);
    let (go_on, may_go_on) = channel::<()>();
    let (seen, sees) = channel();
    let may_go_on = Mutex::new(may_go_on);
    let handle = spawn(&stage, move |report| {
        let _ = may_go_on.lock().unwrap().recv();
        seen.send(report).unwrap();
    });
    registered(&handle, 2 * MOST);
    (0..10).for_each(|_| go_on.send(()).unwrap());
    let first: Vec<_> = (0..10).map(|_| sees.recv_timeout(PATIENCE).unwrap()).collect();
    assert!(!first.iter().any(|report| matches!(report, Report::Missed(_))));
    // There is room again: what comes next is told, behind how much is missing.
    assert_eq!(call(&handle, "new").recv_timeout(PATIENCE).unwrap(), Ok(()));
    handle.shut_down(PATIENCE).unwrap();
    drop(go_on);
    let rest: Vec<_> = sees.into_iter().collect();
    let at = rest.iter().position(|report| matches!(report, Report::Missed(_))).expect("it is told");
    assert!(told(&rest[at..]) > 0, "then it goes on");
    // Those of the load, of the calls and of the new one; each is told or counted, once.
    assert_eq!(told(&first) + told(&rest) + missed(&rest), 1 + 2 * MOST + 1);
}
