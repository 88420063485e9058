//! Hosts that hand everything on to the test, for the driver and the thread.

#![allow(
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "a test may panic, and not every test uses everything"
)]

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use background_sync::policy::{
    Facts, Incarnation, Origin, Partition, PartitionId, PermissionState, RegistrationKey, StorageKey, SyncKind,
    WindowClients,
};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{
    AttemptId, Call, CommitCompletion, EventCompletion, Hosts, LoadCompletion, MemoryStore, NetworkOracle, OriginHost,
    ServiceWorkerHost, StartCompletion, StoreOp, SyncEventInit, SyncStore, SystemClock, TerminateReason, WorkerState,
};

/// A test that waits longer than this has failed; nothing is measured with it.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What a service worker host was told.
#[derive(Debug)]
pub enum Told {
    Start(StartCompletion),
    Dispatch(SyncEventInit, EventCompletion),
    Abandon(AttemptId),
    Terminate(AttemptId, TerminateReason),
}

/// The test's ends of the hosts.
pub struct Stage {
    pub told: Receiver<Told>,
    /// Commits that are durable when the test says so.
    pub commits: Receiver<CommitCompletion>,
}

impl Stage {
    /// The next thing the service worker host is told.
    pub fn told(&self) -> Told {
        self.told.recv_timeout(PATIENCE).unwrap()
    }

    /// The next commit the store is asked for.
    pub fn next_commit(&self) -> CommitCompletion {
        self.commits.recv_timeout(PATIENCE).unwrap()
    }

    /// Lets the next attempt's worker start, and waits for its event.
    pub fn dispatched(&self) -> EventCompletion {
        let Told::Start(start) = self.told() else { panic!("not a start") };
        let attempt = start.attempt();
        start.ready();
        let Told::Dispatch(_, completion) = self.told() else { panic!("not a dispatch") };
        assert_eq!(attempt, completion.attempt());
        completion
    }
}

/// A stage, and what makes its hosts. `keep` stores at once, otherwise commits wait for the test.
pub fn stage(network: NetworkState, keep: bool) -> (Stage, impl FnOnce() -> Hosts<Engine> + Send) {
    stage_with(WorkerState::Active, network, keep)
}

/// The same, with workers that are all in this state.
pub fn stage_with(
    worker: WorkerState,
    network: NetworkState,
    keep: bool,
) -> (Stage, impl FnOnce() -> Hosts<Engine> + Send) {
    let (told, told_to_test) = channel();
    let (commits, commits_to_test) = channel();
    let store = Store { memory: MemoryStore::default(), waiting: (!keep).then_some(commits) };
    let engine = (Workers { worker, told }, Origins, Network(network));
    let make = move || Hosts::new(engine, store, SystemClock::starting_now());
    (Stage { told: told_to_test, commits: commits_to_test }, make)
}

/// An engine with an owner for each of the three.
pub type Engine = (Workers, Origins, Network);

/// A call from a page that is open, of a worker that is active.
pub fn call() -> Call {
    Call::by_page(Facts::of_an_open_window())
}

/// The recommended ones, without the chance in when first events fire.
pub fn parameters() -> SyncParameters {
    SyncParameters::recommended().into_parameters().with(|it| it.first_fire_spread = Duration::ZERO)
}

pub fn key() -> RegistrationKey {
    let origin = Origin::parse("https://chat.example").unwrap();
    let partition = Partition::Profile(PartitionId(0));
    RegistrationKey::new(partition, StorageKey::first_party(origin), "https://chat.example/", Incarnation(1)).unwrap()
}

pub struct Workers {
    worker: WorkerState,
    told: Sender<Told>,
}

impl Workers {
    fn tell(&self, told: Told) {
        // A test that has what it wants no longer listens.
        drop(self.told.send(told));
    }
}

impl ServiceWorkerHost for Workers {
    fn state(&mut self, _: &RegistrationKey) -> WorkerState {
        self.worker
    }

    fn start(&mut self, _: &RegistrationKey, completion: StartCompletion) {
        self.tell(Told::Start(completion));
    }

    fn dispatch(&mut self, _: &RegistrationKey, event: &SyncEventInit, _: Duration, completion: EventCompletion) {
        self.tell(Told::Dispatch(event.clone(), completion));
    }

    fn abandon(&mut self, _: &RegistrationKey, attempt: AttemptId) {
        self.tell(Told::Abandon(attempt));
    }

    fn terminate(&mut self, _: &RegistrationKey, attempt: AttemptId, reason: TerminateReason) {
        self.tell(Told::Terminate(attempt, reason));
    }
}

pub struct Origins;

impl OriginHost for Origins {
    fn windows(&mut self, _: Partition, _: &Origin) -> WindowClients {
        WindowClients::new(1, 0)
    }

    fn permission(&mut self, _: Partition, _: &Origin, _: SyncKind) -> PermissionState {
        PermissionState::Prompt
    }
}

pub struct Network(NetworkState);

impl NetworkOracle for Network {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        self.0.clone()
    }
}

struct Store {
    memory: MemoryStore,
    waiting: Option<Sender<CommitCompletion>>,
}

impl SyncStore for Store {
    fn load(&mut self, done: LoadCompletion) {
        self.memory.load(done);
    }

    fn commit(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        match &self.waiting {
            None => self.memory.commit(ops, done),
            // Without a test that listens the commit fails.
            Some(waiting) => drop(waiting.send(done)),
        }
    }

    fn rewrite(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        self.memory.rewrite(ops, done);
    }
}
