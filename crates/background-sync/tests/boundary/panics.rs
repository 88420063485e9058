//! A panic of a host's code costs the one call that it is documented to cost. For each piece of such code: it panics
//! once, that is reported, everything else goes on, and the event fires in the end.

use std::sync::mpsc::channel;
use std::time::Duration;

use background_sync::policy::{SyncKind, WindowClients};
use background_sync::registration::Tag;
use background_sync::scheduler::{Condition, NetworkId, NetworkMode, NetworkState};
use background_sync::{
    ClearedScope, Driver, HostCall, NetworkSubject, Next, Notice, Outcome, RegisterError, Removal, RemovalError,
    StoreFailure, WakeToken, WhyNot,
};

use crate::run::{SEED, driver, driver_with, let_pass, panics, register, remove, turns, until};
use crate::store::{Disk, Job, ToyStore};
use crate::toy::{PROFILE, Stage, Told, Toy, Workers, key, origin, page, parameters, stage};

#[test]
fn a_panic_of_any_host_costs_what_is_documented() {
    for call in HostCall::ALL.iter().copied() {
        match call {
            HostCall::WorkerState => worker_state(),
            HostCall::Start | HostCall::Dispatch => worker(call),
            HostCall::Abandon => abandon(),
            HostCall::Terminate => terminate(),
            HostCall::Windows => of_a_start(call, Some(Notice::Clients(PROFILE, origin()))),
            HostCall::Permission => {
                let permission = Removal::Permission(PROFILE, origin(), SyncKind::OneShot);
                of_a_start(call, Some(permission.into()));
            }
            HostCall::UserSwitch => of_a_start(call, None),
            HostCall::Restriction => of_a_start(call, Some(Notice::Restriction)),
            #[cfg(feature = "periodic")]
            HostCall::Engagement => of_a_notice(call, Notice::Engagement(PROFILE, origin())),
            #[cfg(feature = "periodic")]
            HostCall::Paused => of_a_notice(call, Notice::Paused(PROFILE, origin())),
            #[cfg(feature = "periodic")]
            HostCall::UtcOffset => of_a_notice(call, Notice::Visited(PROFILE, origin())),
            HostCall::Network => network(),
            HostCall::Power => power(),
            HostCall::Load => load(),
            HostCall::Commit => commit(),
            HostCall::Rewrite => rewrite(),
            HostCall::Now => now(),
            HostCall::Ask => ask(),
            HostCall::ArmWakeUp | HostCall::WakeUpDone | HostCall::KeepAlive => wake_ups(call),
            HostCall::Reply => reply(),
            // Of a waker: `waker.rs`; of what only a thread has: `thread_panics.rs`.
            HostCall::Wake | HostCall::Inspect | HostCall::Observer | HostCall::Destructor | HostCall::OnExit => {}
            other => panic!("no test for a panic in {}", other.name()),
        }
    }
}

/// An engine whose workers do what they should, registered and pending, offline.
fn pending(workers: Workers) -> (Driver<Toy>, Stage) {
    let stage = stage(workers).saying(|says| says.network = NetworkState::Offline);
    let mut driver = driver(&stage, &Disk::default());
    let registered = register(driver.poster(), key(), "outbox");
    let _ = turns(&mut driver);
    assert_eq!(registered.try_recv(), Ok(Ok(())));
    (driver, stage)
}

fn online(driver: &Driver<Toy>, toy: &Toy) {
    toy.say(|says| says.network = NetworkState::online());
    driver.poster().notify(Notice::Network(NetworkSubject::All));
}

/// It panicked there, once, and the event of `outbox` fires all the same.
fn fires_all_the_same(driver: &mut Driver<Toy>, toy: &Toy, call: HostCall, times: usize) {
    until(driver, toy, |driver| driver.machine().registration_count() == 0);
    assert_eq!(toy.fired().len(), times, "{call:?}");
    assert!(toy.has_panicked(), "{call:?}");
    assert_eq!(panics(driver), [call]);
}

fn why_not(driver: &Driver<Toy>) -> Vec<WhyNot> {
    driver.machine().why_not(&key(), SyncKind::OneShot, &Tag::from("outbox"))
}

fn worker_state() {
    let (mut driver, stage) = pending(Workers::AtOnce);
    stage.toy.panic_once_at(HostCall::WorkerState);
    driver.poster().notify(Notice::Worker(key()));
    online(&driver, &stage.toy);
    let _ = turns(&mut driver);
    assert_eq!(why_not(&driver), [WhyNot::WorkerNotLoaded], "held, not removed");
    driver.poster().notify(Notice::Worker(key()));
    fires_all_the_same(&mut driver, &stage.toy, HostCall::WorkerState, 1);
}

fn worker(call: HostCall) {
    let (mut driver, stage) = pending(Workers::AtOnce);
    stage.toy.panic_once_at(call);
    online(&driver, &stage.toy);
    let _ = turns(&mut driver);
    let series = driver.machine().registration(&key(), SyncKind::OneShot, &Tag::from("outbox")).unwrap().series();
    let charged = u32::from(call == HostCall::Dispatch);
    assert_eq!((series.attempts, series.free_in_a_row), (charged, 1 - charged), "{call:?}");
    fires_all_the_same(&mut driver, &stage.toy, call, 1);
}

fn abandon() {
    let (mut driver, stage) = pending(Workers::OfTheTest);
    online(&driver, &stage.toy);
    let _ = turns(&mut driver);
    let late = stage.start();
    stage.toy.panic_once_at(HostCall::Abandon);
    let cleared = remove(driver.poster(), Removal::DataCleared(ClearedScope::Key(key()), None));
    let _ = turns(&mut driver);
    assert_eq!(cleared.try_recv(), Ok(Ok(())));
    late.ready();
    stage.toy.say(|says| says.workers = Workers::AtOnce);
    register(driver.poster(), key(), "outbox");
    fires_all_the_same(&mut driver, &stage.toy, HostCall::Abandon, 1);
}

fn terminate() {
    let (mut driver, stage) = pending(Workers::OfTheTest);
    online(&driver, &stage.toy);
    let _ = turns(&mut driver);
    stage.start().ready();
    let _ = turns(&mut driver);
    let hangs = stage.event();
    stage.toy.panic_once_at(HostCall::Terminate);
    stage.toy.say(|says| says.workers = Workers::AtOnce);
    fires_all_the_same(&mut driver, &stage.toy, HostCall::Terminate, 2);
    hangs.finish(Outcome::Fulfilled);
    let _ = turns(&mut driver);
}

/// Of facts that a start needs: the start is lost. Of a notice: that is.
fn of_a_start(call: HostCall, notice: Option<Notice>) {
    let (mut driver, stage) = pending(Workers::AtOnce);
    if let Some(notice) = notice {
        stage.toy.panic_once_at(call);
        driver.poster().notify(notice.clone());
        let _ = turns(&mut driver);
        assert_eq!(panics(&mut driver), [call]);
        assert_eq!(driver.machine().registration_count(), 1, "{call:?}: nothing is taken away");
        driver.poster().notify(notice);
        let _ = turns(&mut driver);
        assert_eq!(driver.machine().registration_count(), 1, "{call:?}: it is asked again");
    }
    stage.toy.panic_once_at(call);
    online(&driver, &stage.toy);
    let _ = turns(&mut driver);
    assert_eq!(stage.toy.fired(), [], "{call:?}: that start is lost");
    fires_all_the_same(&mut driver, &stage.toy, call, 1);
}

/// Of what only a notice asks for: that is lost.
#[cfg(feature = "periodic")]
fn of_a_notice(call: HostCall, notice: Notice) {
    let (mut driver, stage) = pending(Workers::AtOnce);
    stage.toy.panic_once_at(call);
    driver.poster().notify(notice);
    let _ = turns(&mut driver);
    assert_eq!(driver.machine().registration_count(), 1, "{call:?}: nothing is taken away");
    online(&driver, &stage.toy);
    fires_all_the_same(&mut driver, &stage.toy, call, 1);
}

fn network() {
    let (mut driver, stage) = pending(Workers::AtOnce);
    stage.toy.panic_once_at(HostCall::Network);
    online(&driver, &stage.toy);
    let _ = turns(&mut driver);
    assert_eq!(why_not(&driver), [WhyNot::NetworkUnknown]);
    online(&driver, &stage.toy);
    fires_all_the_same(&mut driver, &stage.toy, HostCall::Network, 1);
}

fn power() {
    let params = parameters().with(|it| it.conditions.one_shot.charging = Some(Duration::from_secs(86_400)));
    let stage = stage(Workers::AtOnce).saying(|says| says.power.charging = Some(false));
    let mut driver = driver_with(&stage, ToyStore::at_once(&stage.toy, &Disk::default()), params);
    register(driver.poster(), key(), "outbox");
    let _ = turns(&mut driver);
    let [WhyNot::Condition { condition: Condition::Charging, .. }] = why_not(&driver)[..] else {
        panic!("{:?}", why_not(&driver));
    };
    // Of the power nothing is known then, and that holds nothing.
    stage.toy.panic_once_at(HostCall::Power);
    driver.poster().notify(Notice::Power);
    let _ = turns(&mut driver);
    // The worker that is ready is asked again, and it is still off the charger.
    assert!(stage.toy.has_panicked() && stage.toy.fired().is_empty());
    stage.toy.say(|says| says.power.charging = Some(true));
    driver.poster().notify(Notice::Power);
    fires_all_the_same(&mut driver, &stage.toy, HostCall::Power, 1);
}

fn load() {
    let stage = stage(Workers::AtOnce);
    stage.toy.panic_once_at(HostCall::Load);
    let mut driver = driver(&stage, &Disk::default());
    let refused = register(driver.poster(), key(), "outbox");
    let _ = turns(&mut driver);
    assert_eq!(refused.try_recv(), Ok(Err(RegisterError::Store)));
    let_pass(&mut driver, &stage.toy, Duration::from_secs(120));
    register(driver.poster(), key(), "outbox");
    let _ = turns(&mut driver);
    fires_all_the_same(&mut driver, &stage.toy, HostCall::Load, 1);
}

fn commit() {
    let stage = stage(Workers::AtOnce);
    let disk = Disk::default();
    let mut driver = driver(&stage, &disk);
    let _ = turns(&mut driver);
    stage.toy.panic_once_at(HostCall::Commit);
    let refused = register(driver.poster(), key(), "outbox");
    let _ = turns(&mut driver);
    assert_eq!(refused.try_recv(), Ok(Err(RegisterError::Store)));
    let_pass(&mut driver, &stage.toy, Duration::from_secs(120));
    assert!(disk.tags().is_empty());
    register(driver.poster(), key(), "outbox");
    let _ = turns(&mut driver);
    fires_all_the_same(&mut driver, &stage.toy, HostCall::Commit, 1);
}

fn rewrite() {
    let stage = stage(Workers::AtOnce).saying(|says| says.network = NetworkState::Offline);
    let disk = Disk::default();
    let (store, jobs) = ToyStore::that_waits(&stage.toy, &disk);
    let mut driver = driver_with(&stage, store, parameters());
    let registered = register(driver.poster(), key(), "outbox");
    let _ = turns(&mut driver);
    jobs.try_iter().for_each(Job::run);
    let _ = turns(&mut driver);
    assert_eq!(registered.try_recv(), Ok(Ok(())));
    register(driver.poster(), key(), "another");
    let _ = turns(&mut driver);
    disk.wipe();
    stage.toy.panic_once_at(HostCall::Rewrite);
    let lost = StoreFailure::ContentsLost("the disk was replaced".to_owned());
    jobs.try_iter().for_each(|job| job.fail(lost.clone()));
    for _ in 0..20 {
        let_pass(&mut driver, &stage.toy, Duration::from_secs(60));
        jobs.try_iter().for_each(Job::run);
    }
    assert_eq!(disk.tags(), ["outbox"], "everything is there anew");
    online(&driver, &stage.toy);
    let _ = turns(&mut driver);
    jobs.try_iter().for_each(Job::run);
    fires_all_the_same(&mut driver, &stage.toy, HostCall::Rewrite, 1);
}

fn now() {
    let (mut driver, stage) = pending(Workers::AtOnce);
    stage.toy.panic_once_at(HostCall::Now);
    online(&driver, &stage.toy);
    fires_all_the_same(&mut driver, &stage.toy, HostCall::Now, 1);
}

fn ask() {
    let of = |name| NetworkState::Online { metered: false, roaming: false, network_id: Some(NetworkId::new(name)) };
    let params = parameters().with(|it| it.network_mode = NetworkMode::AskOnChange);
    let stage = stage(Workers::AtOnce).saying(|says| says.network = of("home"));
    let mut driver = driver_with(&stage, ToyStore::at_once(&stage.toy, &Disk::default()), params);
    let _ = turns(&mut driver);
    let becomes = |driver: &Driver<Toy>, network| {
        stage.toy.say(|says| says.network = network);
        driver.poster().notify(Notice::Network(NetworkSubject::All));
    };
    // At home a moment ago, so it is registered there.
    becomes(&driver, NetworkState::Offline);
    register(driver.poster(), key(), "outbox");
    let _ = turns(&mut driver);
    stage.toy.panic_once_at(HostCall::Ask);
    becomes(&driver, of("hotel"));
    let _ = turns(&mut driver);
    assert_eq!(why_not(&driver), [WhyNot::OtherNetwork], "the answer is no");
    becomes(&driver, of("home"));
    fires_all_the_same(&mut driver, &stage.toy, HostCall::Ask, 1);
}

fn wake_ups(call: HostCall) {
    let stage = stage(Workers::AtOnce).saying(|says| says.network = NetworkState::Offline);
    stage.toy.panic_once_at(call);
    let mut driver = driver(&stage, &Disk::default());
    let registered = register(driver.poster(), key(), "outbox");
    let _ = turns(&mut driver);
    assert_eq!(registered.try_recv(), Ok(Ok(())), "{call:?}");
    stage.toy.say(|says| says.windows = WindowClients::none());
    driver.poster().notify(Notice::Clients(PROFILE, origin()));
    driver.poster().notify(Notice::Woken(WakeToken(1), Duration::from_secs(30)));
    online(&driver, &stage.toy);
    let _ = turns(&mut driver);
    fires_all_the_same(&mut driver, &stage.toy, call, 1);
}

fn reply() {
    let stage = stage(Workers::AtOnce);
    let mut driver = driver(&stage, &Disk::default());
    driver.register(key(), Tag::from("outbox"), page(), |_, _| panic!("the page is gone")).unwrap();
    let next = turns(&mut driver);
    assert!(matches!(why_not(&driver)[..], [WhyNot::ReplyNotDelivered { .. }]), "the event waits for the receipt");
    assert_eq!(next, Next::Within(Duration::from_secs(1)));
    assert_eq!(panics(&mut driver), [HostCall::Reply]);
    until(&mut driver, &stage.toy, |driver| driver.machine().registration_count() == 0);
    assert_eq!(stage.toy.fired().len(), 1);
}

/// Who waits for an answer gets one, though the host that had to be asked for it panicked.
#[test]
fn a_removal_that_could_not_be_asked_about_did_not_happen() {
    let (mut driver, stage) = pending(Workers::AtOnce);
    stage.toy.panic_once_at(HostCall::Permission);
    let removed = remove(driver.poster(), Removal::Permission(PROFILE, origin(), SyncKind::OneShot));
    let _ = turns(&mut driver);
    assert_eq!(removed.try_recv(), Ok(Err(RemovalError::HostPanicked)));
    assert_eq!(driver.machine().registration_count(), 1);
    stage.toy.panic_once_at(HostCall::Permission);
    let reply = |_| panic!("nobody wants to hear it");
    driver.poster().remove(Removal::Permission(PROFILE, origin(), SyncKind::OneShot), reply).unwrap();
    let _ = turns(&mut driver);
    assert_eq!(panics(&mut driver), [HostCall::Permission, HostCall::Permission, HostCall::Reply]);
}

/// What a panic carries may itself be broken.
#[test]
fn a_panic_that_panics_when_it_is_dropped_costs_no_more() {
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            std::panic::panic_any("once more");
        }
    }

    let (mut driver, stage) = pending(Workers::AtOnce);
    let reply = |_, _| std::panic::panic_any(Bomb);
    driver.get_tags(key(), SyncKind::OneShot, reply).unwrap();
    online(&driver, &stage.toy);
    fires_all_the_same(&mut driver, &stage.toy, HostCall::Reply, 1);
}

/// Hosts that cannot be made leave nothing behind that waits for ever.
#[test]
fn hosts_that_cannot_be_made_answer_what_they_posted() {
    let (answer, answered) = channel();
    let (keep, kept) = channel();
    let made = std::panic::catch_unwind(move || {
        Driver::<Toy>::new(
            parameters().validated().unwrap(),
            SEED,
            || {},
            move |poster| {
                keep.send(poster.clone()).unwrap();
                panic!("no disk");
            },
        )
    });
    assert!(made.is_err());
    let poster = kept.try_recv().unwrap();
    let posted = poster.get_tags(key(), SyncKind::OneShot, move |result, _| answer.send(result).unwrap());
    assert_eq!(posted.unwrap_err().error, background_sync::GetTagsError::Shutdown);
    assert!(answered.try_recv().is_err(), "nothing runs on the thread that calls");
}

/// A destructor of the hosts comes after the answers.
#[test]
fn a_host_that_panics_when_it_is_dropped_takes_no_answer_along() {
    struct Fragile(Toy);

    impl Drop for Fragile {
        fn drop(&mut self) {
            assert!(!self.0.has_panicked(), "a mistake in a destructor");
        }
    }

    impl background_sync::Clock for Fragile {
        fn now(&mut self) -> background_sync::registration::Now {
            background_sync::registration::Now::default()
        }
    }

    let stage = stage(Workers::OfTheTest);
    let (store, _jobs) = ToyStore::that_waits(&stage.toy, &Disk::default());
    let hosts = background_sync::Hosts::new(stage.toy.clone(), store, Fragile(stage.toy.clone()));
    let mut driver = Driver::new(parameters().validated().unwrap(), SEED, || {}, |_| hosts);
    let in_the_commit = register(driver.poster(), key(), "outbox");
    let _ = turns(&mut driver);
    let in_the_queue = register(driver.poster(), key(), "outbox");
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(driver))).is_err());
    assert_eq!(in_the_commit.try_recv(), Ok(Err(RegisterError::Shutdown)));
    assert_eq!(in_the_queue.try_recv(), Ok(Err(RegisterError::Shutdown)));
}

/// Of a start that is abandoned nothing more is heard.
#[test]
fn what_the_panics_left_behind_is_ended_by_a_shutdown() {
    let (mut driver, stage) = pending(Workers::OfTheTest);
    online(&driver, &stage.toy);
    let _ = turns(&mut driver);
    let _start = stage.start();
    stage.toy.panic_once_at(HostCall::Abandon);
    driver.poster().notify(Notice::Shutdown);
    assert_eq!(turns(&mut driver), Next::Stopped);
    assert!(!matches!(stage.try_told(), Some(Told::Abandon(_))), "it panicked before it told");
    assert_eq!(panics(&mut driver), [HostCall::Abandon]);
}
