//! Hosts that say what is not so, too late, too early, twice, or all at once. It comes to an error, a count, or nothing:
//! never to a panic, a loss, a wait without end, or an event that should not fire.

use std::sync::mpsc::channel;
use std::time::Duration;

use background_sync::policy::{
    Partition, PartitionId, PermissionState, SyncKind, SystemRestriction, UserSwitch, WorkerState,
};
use background_sync::registration::{MonotonicTime, Now, Observed, Sequence, Series, StoredRegistration, StoredState};
use background_sync::registration::{Tag, WallTime};
use background_sync::scheduler::{NetworkId, NetworkMode, NetworkState};
use background_sync::{
    AttemptId, ClearedScope, CommitCompletion, Driver, HostCall, Hosts, LoadCompletion, NetworkSubject, Next,
    NotStarted, Notice, Outcome, Receipt, Removal, StoreContents, StoreFailure, StoreOp, SyncStore, TerminateReason,
    WakeToken,
};

use crate::run::{SEED, driver, driver_with, let_pass, panics, register, remove, turns, until};
use crate::store::{Disk, Job, ToyStore};
use crate::toy::{PROFILE, Says, Stage, Told, Toy, Workers, key, key_of, origin, page, parameters, stage};

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

/// It says that its worker is active, and that there is none whenever one is to start.
#[test]
fn a_host_that_contradicts_itself_is_not_asked_without_end() {
    let (mut driver, stage) = starting();
    let mut starts = 0;
    for _ in 0..100 {
        while let Some(Told::Start(start)) = stage.try_told() {
            starts += 1;
            start.not_started(NotStarted::NoActiveWorker);
        }
        let_pass(&mut driver, &stage.toy, Duration::from_secs(1));
    }
    assert!((1..=100).contains(&starts), "{starts} starts in as many seconds");
    assert!(stage.toy.fired().is_empty());
    fires_in_the_end(&mut driver, &stage.toy, 1);
}

#[test]
fn words_about_a_start_that_was_abandoned_are_nothing() {
    for not_started in [true, false] {
        let (mut driver, stage) = starting();
        let late = stage.start();
        let cleared = remove(driver.poster(), Removal::DataCleared(ClearedScope::Key(key()), None));
        let _ = turns(&mut driver);
        assert_eq!(cleared.try_recv(), Ok(Ok(())));
        register(driver.poster(), key(), "outbox");
        let _ = turns(&mut driver);
        if not_started {
            late.not_started(NotStarted::StartFailed)
        } else {
            late.ready()
        }
        let _ = turns(&mut driver);
        assert_eq!(ignored(&driver), 0);
        assert!(stage.toy.fired().is_empty(), "it was about the attempt before");
        assert!(matches!(stage.told(), Told::Abandon(_)));
        stage.start().ready();
        fires_in_the_end(&mut driver, &stage.toy, 1);
    }
}

/// An event that has reached its cap ends all the same, and says that all was well. It crosses the order to stop.
#[test]
fn an_end_that_crosses_the_order_to_stop_decides_nothing() {
    let (mut driver, stage) = starting();
    stage.start().ready();
    let _ = turns(&mut driver);
    let Told::Dispatch(event, completion) = stage.told() else { panic!("not a dispatch") };
    assert_eq!(event.tag, Tag::from("outbox"));
    let_pass(&mut driver, &stage.toy, Duration::from_secs(200));
    let Told::Terminate(attempt, reason) = stage.told() else { panic!("it runs on") };
    assert_eq!((attempt, reason), (completion.attempt(), TerminateReason::Timeout));
    completion.finish(Outcome::Fulfilled);
    let _ = turns(&mut driver);
    assert_eq!(driver.machine().registration_count(), 1, "it was too late");
    fires_in_the_end(&mut driver, &stage.toy, 2);
}

/// Answers that nobody asked for, and two to one question, which contradict each other.
#[test]
fn of_answers_that_contradict_each_other_the_first_counts() {
    let of = |name| NetworkState::Online { metered: false, roaming: false, network_id: Some(NetworkId::new(name)) };
    for yes in [true, false] {
        let stage = stage(Workers::AtOnce).saying(|says| says.network = of("home"));
        let params = parameters().with(|it| it.network_mode = NetworkMode::AskOnChange);
        let mut driver = driver_with(&stage, ToyStore::at_once(&stage.toy, &Disk::default()), params);
        let _ = turns(&mut driver);
        for network in [NetworkState::Offline, of("hotel")] {
            stage.toy.say(|says| says.network = network);
            driver.poster().notify(Notice::Network(NetworkSubject::All));
            register(driver.poster(), key(), "outbox");
            let _ = turns(&mut driver);
        }
        let Told::Ask(attempt) = stage.told() else { panic!("nobody was asked") };
        driver.poster().notify(Notice::Answered(attempt, yes));
        driver.poster().notify(Notice::Answered(attempt, !yes));
        driver.poster().notify(Notice::Answered(attempt, !yes));
        let _ = turns(&mut driver);
        assert_eq!(stage.toy.fired().len(), usize::from(yes));
        assert_eq!(ignored(&driver), 2);
        driver.machine().check_invariants().unwrap();
    }
}

#[test]
fn an_answer_about_an_event_that_is_being_started_is_counted_and_ignored() {
    let (mut driver, stage) = starting();
    let start = stage.start();
    driver.poster().notify(Notice::Answered(start.attempt(), false));
    let _ = turns(&mut driver);
    assert_eq!(ignored(&driver), 1);
    start.ready();
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

/// Time without end.
#[test]
fn a_deferral_of_any_length_is_cut_short() {
    let (mut driver, stage) = starting();
    stage.start().ready();
    let _ = turns(&mut driver);
    stage.event().finish(Outcome::Deferred(Duration::MAX));
    fires_in_the_end(&mut driver, &stage.toy, 2);
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

/// It lets go of what it is asked for, or says that it failed, for long; then it works.
#[test]
fn a_store_that_fails_for_long_is_tried_again_and_nothing_is_acknowledged_meanwhile() {
    let stage = stage(Workers::AtOnce);
    let disk = Disk::default();
    let (store, jobs) = ToyStore::that_waits_with_all(&stage.toy, &disk);
    let mut driver = driver_with(&stage, store, parameters());
    let failures = [None, Some(StoreFailure::Failed("no".to_owned())), Some(StoreFailure::Dropped)];
    for failure in failures.iter().cycle().take(9) {
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

/// Of a machine of another session, as after a restart.
#[test]
fn a_word_about_an_attempt_of_another_session_is_nothing() {
    let earlier: AttemptId = {
        let (_driver, stage) = starting();
        stage.start().attempt()
    };
    let stage = stage(Workers::OfTheTest);
    let mut driver = Driver::new(
        parameters().validated().unwrap(),
        [8; 32],
        || {},
        |_| stage.toy.hosts(ToyStore::at_once(&stage.toy, &Disk::default())),
    );
    register(driver.poster(), key(), "outbox");
    let _ = turns(&mut driver);
    driver.poster().notify(Notice::Answered(earlier, true));
    let _ = turns(&mut driver);
    assert_eq!((ignored(&driver), stage.toy.fired().len()), (1, 0));
}
