//! An engine that knows next to nothing: what the chapter *hosts* says about each thing that is left out.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use background_sync::policy::{
    Facts, Incarnation, Origin, Partition, PartitionId, PermissionState, Refusal, RegistrationKey, StorageKey,
    SyncKind, WindowClients,
};
use background_sync::registration::{MonotonicTime, Now, Tag, WallTime};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{
    AttemptId, Call, Clock, Driver, EventCompletion, Hosts, MemoryStore, NetworkOracle, NetworkSubject, Next,
    NotStarted, Notice, OriginHost, Outcome, RegisterError, ServiceWorkerHost, StartCompletion, SyncEventInit,
    TerminateReason, WhyNot, WorkerState,
};

/// Its answers do not change by themselves, nor does time pass.
struct Minimal {
    time: Rc<Cell<Duration>>,
    worker: WorkerState,
    network: NetworkState,
    start: Result<(), NotStarted>,
    outcome: Outcome,
}

impl Default for Minimal {
    fn default() -> Self {
        let (worker, network) = (WorkerState::Active, NetworkState::online());
        Self { time: Rc::default(), worker, network, start: Ok(()), outcome: Outcome::Fulfilled }
    }
}

impl ServiceWorkerHost for Minimal {
    fn state(&mut self, _: &RegistrationKey) -> WorkerState {
        self.worker
    }

    fn start(&mut self, _: &RegistrationKey, start: StartCompletion) {
        match self.start {
            Ok(()) => start.ready(),
            Err(reason) => start.not_started(reason),
        }
    }

    fn dispatch(&mut self, _: &RegistrationKey, _: &SyncEventInit, _: Duration, done: EventCompletion) {
        done.finish(self.outcome);
    }

    fn terminate(&mut self, _: &RegistrationKey, _: AttemptId, _: TerminateReason) {}
}

impl OriginHost for Minimal {
    fn windows(&mut self, _: Partition, _: &Origin) -> WindowClients {
        WindowClients::none()
    }

    fn permission(&mut self, _: Partition, _: &Origin, _: SyncKind) -> PermissionState {
        PermissionState::Prompt
    }
}

impl NetworkOracle for Minimal {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        self.network.clone()
    }
}

/// Stands still unless it is moved.
struct Still(Rc<Cell<Duration>>);

impl Clock for Still {
    fn now(&mut self) -> Now {
        let time = self.0.get();
        Now { monotonic: MonotonicTime::from_start(time), wall: WallTime::default().after(time) }
    }
}

fn key() -> RegistrationKey {
    let origin = Origin::parse("https://chat.example").unwrap();
    let (partition, storage_key) = (Partition::Profile(PartitionId(0)), StorageKey::first_party(origin));
    RegistrationKey::new(partition, storage_key, "https://chat.example/", Incarnation(1)).unwrap()
}

fn driver_with(params: SyncParameters, engine: Minimal) -> Driver<Minimal> {
    let clock = Still(Rc::clone(&engine.time));
    let hosts = |_: &_| Hosts::new(engine, MemoryStore::default(), clock);
    Driver::new(params.validated().unwrap(), [7; 32], || {}, hosts)
}

fn driver(engine: Minimal) -> Driver<Minimal> {
    driver_with(SyncParameters::recommended().into_parameters(), engine)
}

fn settle(driver: &mut Driver<Minimal>) {
    while driver.turn() == Next::AtOnce {}
}

/// A call by a window, whose answer arrives if `delivered`.
fn register(driver: &mut Driver<Minimal>, windows: WindowClients, delivered: bool) -> Result<(), RegisterError> {
    let answer = Rc::new(Cell::new(None));
    let answered = Rc::clone(&answer);
    let call = Call::by_page(Facts { windows, ..Facts::of_an_open_window() });
    let posted = driver.register(key(), Tag::from("outbox"), call, move |result, receipt| {
        answered.set(Some(result));
        if delivered {
            receipt.delivered();
        }
    });
    posted.unwrap();
    settle(driver);
    answer.get().unwrap()
}

fn why_not(driver: &Driver<Minimal>) -> Vec<WhyNot> {
    driver.machine().why_not(&key(), SyncKind::OneShot, &Tag::from("outbox"))
}

/// Why the event of a call from an open window does not start with such an engine.
fn why_not_with(mut driver: Driver<Minimal>) -> Vec<WhyNot> {
    assert_eq!(register(&mut driver, WindowClients::new(1, 0), true), Ok(()));
    why_not(&driver)
}

#[test]
fn with_all_of_it_left_out_the_event_fires_and_nothing_is_left() {
    let mut driver = driver(Minimal::default());
    assert_eq!(register(&mut driver, WindowClients::new(1, 0), true), Ok(()));
    assert_eq!(driver.machine().stats().events_dispatched, 1);
    assert_eq!(why_not(&driver), [WhyNot::NotRegistered]);
}

#[test]
fn the_windows_of_a_call_are_the_one_fact_that_is_needed() {
    let mut driver = driver(Minimal::default());
    let refused = register(&mut driver, WindowClients::none(), true);
    assert_eq!(refused, Err(RegisterError::Refused(Refusal::NoWindow)));
}

#[test]
fn without_windows_every_event_is_one_in_the_background() {
    let no_budget = SyncParameters::recommended().into_parameters().with(|it| it.background_starts_per_day = 0);
    let mut driver = driver_with(no_budget, Minimal { network: NetworkState::Offline, ..Minimal::default() });
    assert_eq!(register(&mut driver, WindowClients::new(1, 0), true), Ok(()));
    // The window of the call is there until somebody says or finds that it is not, and seen for two seconds more.
    driver.poster().notify(Notice::Clients(key().partition(), key().origin().clone()));
    settle(&mut driver);
    driver.engine_mut().time.set(Duration::from_secs(3));
    driver.engine_mut().network = NetworkState::online();
    driver.poster().notify(Notice::Network(NetworkSubject::All));
    settle(&mut driver);
    let why = why_not(&driver);
    assert!(matches!(why[..], [WhyNot::Spread { .. }, WhyNot::Budget { .. }]), "{why:?}");
}

#[test]
fn a_worker_that_is_always_said_to_be_there_is_tried_again_later() {
    let why = why_not_with(driver(Minimal { start: Err(NotStarted::NoActiveWorker), ..Minimal::default() }));
    assert!(matches!(why[..], [WhyNot::Spacing { .. }]), "{why:?}");
}

#[test]
fn a_worker_that_is_not_there_holds_until_the_host_knows_its_workers() {
    let mut driver = driver(Minimal { worker: WorkerState::NoSuchRegistration, ..Minimal::default() });
    assert_eq!(register(&mut driver, WindowClients::new(1, 0), true), Ok(()));
    assert_eq!(why_not(&driver), [WhyNot::WorkersNotKnown]);
    driver.poster().notify(Notice::WorkersKnown);
    settle(&mut driver);
    assert_eq!(why_not(&driver), [WhyNot::NotRegistered]);
}

#[test]
fn an_oracle_decides_whether_anything_fires_at_all() {
    for (network, why) in [
        (NetworkState::Unknown, WhyNot::NetworkUnknown),
        (NetworkState::Offline, WhyNot::Offline),
        (NetworkState::Captive, WhyNot::Captive),
    ] {
        assert_eq!(why_not_with(driver(Minimal { network, ..Minimal::default() })), [why]);
    }
}

#[test]
fn always_online_means_that_events_fail_and_back_off() {
    let why = why_not_with(driver(Minimal { outcome: Outcome::Rejected, ..Minimal::default() }));
    assert!(matches!(why[..], [WhyNot::BackOff { .. }]), "{why:?}");
}

#[test]
fn a_receipt_that_is_dropped_costs_the_event_a_second() {
    let mut driver = driver(Minimal::default());
    assert_eq!(register(&mut driver, WindowClients::new(1, 0), false), Ok(()));
    let why = why_not(&driver);
    assert!(matches!(why[..], [WhyNot::ReplyNotDelivered { until }] if until.unix_ms() == 1_000), "{why:?}");
}
