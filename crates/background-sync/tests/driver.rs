//! The machine on the engine's own loop: what there is without the feature `thread`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod engine;

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use background_sync::policy::{
    Incarnation, Origin, Partition, PermissionState, RegistrationKey, SyncKind, WindowClients,
};
use background_sync::registration::{Now, Observed, Sequence, Series, StoredRegistration, StoredState, Tag};
use background_sync::scheduler::NetworkState;
use background_sync::{
    AttemptId, ClearedScope, Clock, CommitCompletion, Driver, EventCompletion, Hosts, LoadCompletion, NetworkOracle,
    Next, NotStarted, Notice, OriginHost, Outcome, Removal, ServiceWorkerHost, StartCompletion, StoreContents,
    StoreFailure, StoreOp, SyncEventInit, SyncStore, TerminateReason, WhyNot, WorkerState,
};
use engine::{Engine, Stage, Told, call, key, parameters, stage};

#[test]
fn a_sync_is_registered_fired_and_done_turn_by_turn() {
    let (stage, hosts) = stage(NetworkState::online(), true);
    let mut driver = Driver::new(parameters().validated().unwrap(), [7; 32], || {}, |_| hosts());
    let (answer, answered) = channel();
    let posted = driver.poster().register(key(), Tag::from("outbox"), call(), move |result, receipt| {
        answer.send(result).unwrap();
        receipt.delivered();
    });
    posted.unwrap();
    assert!(answered.try_recv().is_err(), "nothing happens between turns");
    let _ = turns(&mut driver);
    assert_eq!(answered.try_recv(), Ok(Ok(())));
    let Ok(Told::Start(start)) = stage.told.try_recv() else { panic!("not a start") };
    start.ready();
    assert!(stage.told.try_recv().is_err());
    let _ = turns(&mut driver);
    let Ok(Told::Dispatch(init, event)) = stage.told.try_recv() else { panic!("not a dispatch") };
    assert_eq!((init.tag, init.last_chance), (Tag::from("outbox"), false));
    event.finish(Outcome::Fulfilled);
    let next = turns(&mut driver);
    assert_eq!(driver.machine().registration_count(), 0);
    assert!(matches!(next, Next::Within(_)), "its end is written before long: {next:?}");
    driver.poster().notify(Notice::Shutdown);
    assert_eq!(turns(&mut driver), Next::Stopped);
    assert!(driver.is_stopped());
}

/// As an engine's loop does: until there is nothing more at hand.
fn turns(driver: &mut Driver<impl background_sync::EngineHost>) -> Next {
    loop {
        match driver.turn() {
            Next::AtOnce => {}
            next @ (Next::Within(_) | Next::WhenWoken | Next::Stopped) => return next,
        }
    }
}

/// A driver in which `outbox` is registered and its worker is being started.
fn starting() -> (Driver<Engine>, Stage, StartCompletion) {
    let (stage, hosts) = stage(NetworkState::online(), true);
    let mut driver = Driver::new(parameters().validated().unwrap(), [7; 32], || {}, |_| hosts());
    driver.poster().register(key(), Tag::from("outbox"), call(), |_, receipt| receipt.delivered()).unwrap();
    let _ = turns(&mut driver);
    let Ok(Told::Start(start)) = stage.told.try_recv() else { panic!("not a start") };
    (driver, stage, start)
}

/// The host says that there is no active worker, and that there is one again has been said before that arrives.
#[test]
fn a_worker_that_is_back_before_its_absence_is_heard_of_is_not_waited_for() {
    let (mut driver, _stage, start) = starting();
    driver.poster().notify(Notice::Worker(key()));
    start.not_started(NotStarted::NoActiveWorker);
    let _ = turns(&mut driver);
    let reasons = driver.machine().why_not(&key(), SyncKind::OneShot, &Tag::from("outbox"));
    assert!(matches!(reasons[..], [WhyNot::Spacing { .. }]), "{reasons:?}");
}

/// Its host lets go of the completion when it is told to abandon the start; that is no mistake of the host's.
#[test]
fn a_late_word_about_an_abandoned_start_is_nothing() {
    let (mut driver, stage, start) = starting();
    driver.poster().notify(Removal::DataCleared(ClearedScope::Key(key()), None));
    let _ = turns(&mut driver);
    assert!(matches!(stage.told.try_recv(), Ok(Told::Abandon(attempt)) if attempt == start.attempt()));
    start.ready();
    let _ = turns(&mut driver);
    assert_eq!(driver.machine().stats().inputs_ignored, 0);
}

/// Hands its registrations over one by one, and fails the first loads behind them.
struct Slices {
    registrations: Vec<StoredRegistration>,
    failures: usize,
}

impl SyncStore for Slices {
    fn load(&mut self, mut done: LoadCompletion) {
        let (last, before) = self.registrations.split_last().unwrap();
        for stored in before {
            done.rows(vec![stored.clone()]);
        }
        if self.failures > 0 {
            self.failures -= 1;
            return done.finish(Err(StoreFailure::Failed("the end cannot be read".to_owned())));
        }
        done.finish(Ok(StoreContents::default().with(|it| it.registrations = vec![last.clone()])));
    }

    fn commit(&mut self, _: Vec<StoreOp>, done: CommitCompletion) {
        done.finish(Ok(()));
    }

    fn rewrite(&mut self, _: Vec<StoreOp>, done: CommitCompletion) {
        done.finish(Ok(()));
    }
}

/// Counts the questions about workers and windows.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<(Vec<RegistrationKey>, Vec<Origin>)>>);

impl ServiceWorkerHost for Asked {
    fn state(&mut self, key: &RegistrationKey) -> WorkerState {
        self.0.lock().unwrap().0.push(key.clone());
        WorkerState::Active
    }

    fn start(&mut self, _: &RegistrationKey, _: StartCompletion) {}
    fn dispatch(&mut self, _: &RegistrationKey, _: &SyncEventInit, _: Duration, _: EventCompletion) {}
    fn terminate(&mut self, _: &RegistrationKey, _: AttemptId, _: TerminateReason) {}
}

impl OriginHost for Asked {
    fn windows(&mut self, _: Partition, origin: &Origin) -> WindowClients {
        self.0.lock().unwrap().1.push(origin.clone());
        WindowClients::none()
    }

    fn permission(&mut self, _: Partition, _: &Origin, _: SyncKind) -> PermissionState {
        PermissionState::Granted
    }
}

struct NoLink;

impl NetworkOracle for NoLink {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        NetworkState::Offline
    }
}

/// A clock that stands where the test puts it.
struct Standing(Arc<Mutex<Now>>);

impl Clock for Standing {
    fn now(&mut self) -> Now {
        *self.0.lock().unwrap()
    }
}

fn stored(sequence: u64, key: RegistrationKey) -> StoredRegistration {
    StoredRegistration {
        sequence: Sequence(sequence),
        key,
        kind: SyncKind::OneShot,
        tag: Tag::from(format!("tag {sequence}").as_str()),
        state: StoredState::Pending(None),
        series: Series::default(),
        registered: Observed::default(),
        network: None,
        schedule: None,
    }
}

/// What came before a failure is forgotten, and each key and origin of all parts is asked for once.
#[test]
fn a_store_that_is_read_in_parts_is_the_same_store() {
    let other = {
        let (partition, storage_key) = (key().partition(), key().storage_key().clone());
        RegistrationKey::new(partition, storage_key, "https://chat.example/other/", Incarnation(1)).unwrap()
    };
    // `key()` makes another object each time
    let registrations =
        (1..=9).map(|number| stored(number, if number % 2 == 0 { key() } else { other.clone() })).collect();
    let (asked, now) = (Asked::default(), Arc::new(Mutex::new(Now::default())));
    let engine = (asked.clone(), asked.clone(), NoLink);
    let hosts = Hosts::new(engine, Slices { registrations, failures: 1 }, Standing(now.clone()));
    let mut driver = Driver::new(parameters().validated().unwrap(), [7; 32], || {}, |_| hosts);
    let Next::Within(again) = turns(&mut driver) else { panic!("it tries again some time") };
    assert_eq!(driver.machine().registration_count(), 0, "the load failed");
    assert_eq!(*asked.0.lock().unwrap(), (vec![], vec![]));
    now.lock().unwrap().monotonic = Now::default().monotonic.after(again);
    let _ = turns(&mut driver);
    let mut numbers: Vec<_> = driver.machine().registrations().map(|view| view.sequence.0).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
    let (keys, origins) = &*asked.0.lock().unwrap();
    assert_eq!(keys, &[key(), other]);
    assert_eq!(origins, &[key().origin().clone()]);
}
