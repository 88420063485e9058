//! About the world: what the hosts keep to themselves, and notices, clocks and receipts that are about nothing.

use std::sync::mpsc::channel;
use std::time::Duration;

use background_sync::policy::{
    Partition, PartitionId, PermissionState, SyncKind, SystemRestriction, UserSwitch, WorkerState,
};
use background_sync::registration::{MonotonicTime, Now, Tag, WallTime};
use background_sync::scheduler::NetworkState;
use background_sync::{ClearedScope, HostCall, NetworkSubject, Next, Notice, Receipt, Removal, WakeToken};

use super::{fires_in_the_end, starting};
use crate::run::{driver, let_pass, register, remove, turns};
use crate::store::Disk;
use crate::toy::{PROFILE, Says, Told, Workers, key, key_of, origin, page, stage};

/// Something changes between the start of a worker and the word that it is ready, and nobody says so.
#[test]
fn what_the_host_kept_to_itself_is_seen_before_the_event_fires() {
    let changes: [fn(&mut Says); 6] = [
        |says| says.permission = PermissionState::Denied,
        |says| says.switch = UserSwitch::Off,
        |says| says.restriction = SystemRestriction::Restricted,
        |says| says.worker = WorkerState::NoSuchRegistration,
        |says| says.worker = WorkerState::None,
        |says| says.network = NetworkState::Offline,
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let (mut driver, stage) = starting();
        let start = stage.start();
        let attempt = start.attempt();
        stage.toy.say(change);
        start.ready();
        let _ = turns(&mut driver);
        assert!(matches!(stage.told(), Told::Abandon(abandoned) if abandoned == attempt), "change {number}");
        let_pass(&mut driver, &stage.toy, Duration::from_secs(600));
        assert!(stage.toy.fired().is_empty(), "change {number}");
        driver.machine().check_invariants().unwrap();
    }
}

/// The oracle says yes for everybody and no for the one that asks, and changes its mind.
#[test]
fn an_event_never_fires_without_a_network_for_its_origin() {
    let (mut driver, stage) = starting();
    let start = stage.start();
    stage.toy.say(|says| says.network = NetworkState::Unknown);
    start.ready();
    let _ = turns(&mut driver);
    assert!(stage.toy.fired().is_empty());
    for network in [NetworkState::Captive, NetworkState::Offline, NetworkState::Unknown] {
        stage.toy.say(|says| says.network = network);
        driver.poster().notify(Notice::Network(NetworkSubject::Origin(origin())));
        driver.poster().notify(Notice::Network(NetworkSubject::All));
        let_pass(&mut driver, &stage.toy, Duration::from_secs(60));
    }
    assert!(stage.toy.fired().is_empty());
    assert_eq!(stage.toy.calls(HostCall::Dispatch), 0);
    stage.toy.say(|says| says.network = NetworkState::online());
    driver.poster().notify(Notice::Network(NetworkSubject::All));
    fires_in_the_end(&mut driver, &stage.toy, 1);
}

/// Of keys, origins and partitions that nobody has heard of, and pairs of which one half never comes.
#[test]
fn notices_about_nothing_are_nothing() {
    let stage = stage(Workers::AtOnce).saying(|says| says.network = NetworkState::Offline);
    let mut driver = driver(&stage, &Disk::default());
    register(driver.poster(), key(), "outbox");
    let _ = turns(&mut driver);
    let (other, nobody) = (key_of("nobody"), key_of("nobody").origin().clone());
    let notices = [
        Notice::Worker(other.clone()),
        Notice::Clients(PROFILE, nobody.clone()),
        Notice::Network(NetworkSubject::Origin(nobody.clone())),
        Notice::WorkersKnown,
        Notice::Woke,
        Notice::Thawed,
        Notice::Removal(Removal::Unregistered(other)),
        Notice::Removal(Removal::UserSwitch(Some((PROFILE, nobody.clone())), SyncKind::OneShot, UserSwitch::Off)),
        Notice::Removal(Removal::Permission(PROFILE, nobody, SyncKind::OneShot)),
        Notice::Removal(Removal::PartitionClosed(Partition::Private(PartitionId(9)))),
        Notice::Removal(Removal::PartitionClosed(PROFILE)),
    ];
    for notice in notices {
        driver.poster().notify(notice.clone());
        driver.poster().notify(notice.clone());
        let _ = turns(&mut driver);
        driver.machine().check_invariants().unwrap();
        assert_eq!(driver.machine().registration_count(), 1, "{notice:?}");
    }
    stage.toy.say(|says| says.network = NetworkState::online());
    driver.poster().notify(Notice::Network(NetworkSubject::All));
    fires_in_the_end(&mut driver, &stage.toy, 1);
}

/// Every wake-up is called done, once, however they overlap and however long they claim to be.
#[test]
fn wake_ups_that_overlap_are_all_called_done() {
    let stage = stage(Workers::AtOnce);
    let mut driver = driver(&stage, &Disk::default());
    let _ = turns(&mut driver);
    for budget in [Duration::MAX, Duration::ZERO, Duration::from_secs(30)] {
        for token in 1..=3 {
            driver.poster().notify(Notice::Woken(WakeToken(token), budget));
        }
        let _ = turns(&mut driver);
        let_pass(&mut driver, &stage.toy, Duration::from_secs(60));
        let mut done = Vec::new();
        while let Some(Told::WakeUpDone(WakeToken(token))) = stage.try_told() {
            done.push(token);
        }
        assert_eq!(done, [1, 2, 3], "{budget:?}");
    }
}

/// Slept without waking, frozen twice: the next word puts it right.
#[test]
fn half_a_sleep_holds_and_loses_nothing() {
    for (begin, end) in [(Notice::Slept, Notice::Woke), (Notice::Frozen, Notice::Thawed)] {
        let stage = stage(Workers::AtOnce);
        let mut driver = driver(&stage, &Disk::default());
        let _ = turns(&mut driver);
        driver.poster().notify(begin.clone());
        driver.poster().notify(begin);
        let registered = register(driver.poster(), key(), "outbox");
        let _ = turns(&mut driver);
        assert_eq!(registered.try_recv(), Ok(Ok(())), "calls are answered all the same");
        driver.poster().notify(end.clone());
        driver.poster().notify(end);
        fires_in_the_end(&mut driver, &stage.toy, 1);
    }
}

/// Both clocks go where they like.
#[test]
fn a_clock_that_goes_astray_loses_nothing() {
    let wall = |ms| WallTime::from_unix_ms(ms);
    let astray = [
        Now { monotonic: MonotonicTime::ZERO, wall: wall(i64::MIN) },
        Now { monotonic: MonotonicTime::ZERO, wall: wall(i64::MAX) },
        Now { monotonic: MonotonicTime::from_start(Duration::from_secs(1)), wall: wall(0) },
        Now { monotonic: MonotonicTime::ZERO, wall: wall(-1) },
    ];
    let stage = stage(Workers::AtOnce).saying(|says| says.network = NetworkState::Offline);
    let mut driver = driver(&stage, &Disk::default());
    register(driver.poster(), key(), "outbox");
    let _ = turns(&mut driver);
    for now in astray.into_iter().cycle().take(12) {
        stage.toy.say(|says| says.clock = Some(now));
        let _ = turns(&mut driver);
        driver.machine().check_invariants().unwrap();
    }
    assert_eq!(driver.machine().registration_count(), 1);
    stage.toy.say(|says| says.network = NetworkState::online());
    driver.poster().notify(Notice::Network(NetworkSubject::All));
    fires_in_the_end(&mut driver, &stage.toy, 1);
}

#[test]
fn a_receipt_that_comes_too_late_is_nothing() {
    let stage = stage(Workers::AtOnce);
    let mut driver = driver(&stage, &Disk::default());
    let (keep, kept) = channel::<Receipt>();
    let reply = move |_: Result<(), _>, receipt| keep.send(receipt).unwrap();
    driver.poster().register(key(), Tag::from("outbox"), page(), reply).unwrap();
    let _ = turns(&mut driver);
    let late = kept.try_recv().unwrap();
    fires_in_the_end(&mut driver, &stage.toy, 1);
    late.delivered();
    let _ = turns(&mut driver);
    driver.machine().check_invariants().unwrap();
    assert_eq!(stage.toy.fired().len(), 1);
}

#[test]
fn what_is_said_after_a_shutdown_is_nothing() {
    let (mut driver, stage) = starting();
    let start = stage.start();
    driver.poster().notify(Notice::Shutdown);
    driver.poster().notify(Notice::Shutdown);
    assert_eq!(turns(&mut driver), Next::Stopped);
    start.ready();
    driver.poster().notify(Notice::WorkersKnown);
    driver.poster().notify(Notice::Woken(WakeToken(1), Duration::from_secs(1)));
    let cleared = remove(driver.poster(), Removal::DataCleared(ClearedScope::Partition(PROFILE), None));
    for _ in 0..10 {
        assert_eq!(driver.turn(), Next::Stopped);
    }
    assert!(stage.toy.fired().is_empty());
    drop(driver);
    assert!(cleared.try_recv().unwrap().is_err(), "it is answered, and did not happen");
}
