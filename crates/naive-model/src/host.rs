use std::collections::BTreeMap;
use std::time::Duration;

use background_sync::policy::{
    Facts, Incarnation, Origin, Partition, PartitionId, PerKind, PermissionState, RegistrationKey, StorageKey,
    SyncKind, UserSwitch, WindowClients, WorkerState,
};
use background_sync::registration::{MonotonicTime, Now, Tag as SyncTag, WallTime};
use background_sync::scheduler::NetworkState;
use background_sync::{
    AttemptId, Input, Loaded, NetworkSubject, OriginFacts, Outcome, Output, Reply, RequestId, SyncEventInit,
};

use crate::store::Store;
use crate::{Kind, OriginId, Replied, Running, Tag, WORKERS, WorkerId};

/// Everything around the machine: what is true, what runs, and what is stored.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    pub(crate) now: Duration,
    pub(crate) online: bool,
    pub(crate) epoch: u64,
    pub(crate) windows: [bool; 2],
    /// By kind, one-shot first.
    pub(crate) granted: [[bool; 2]; 2],
    pub(crate) switched_on: [bool; 2],
    /// How often each worker was installed; nothing while it is not.
    pub(crate) installed: [Option<u64>; WORKERS],
    pub(crate) installations: u64,
    /// What was started, and for whom.
    pub(crate) started: BTreeMap<AttemptId, WorkerId>,
    pub(crate) running: BTreeMap<AttemptId, Running>,
    pub(crate) replies: BTreeMap<RequestId, Reply>,
    pub(crate) requests: u64,
    pub(crate) store: Store,
    origins: [Origin; 2],
    /// Of the present, or last, life of each worker.
    keys: [RegistrationKey; WORKERS],
    /// How often the process died.
    pub(crate) lives: u8,
}

impl Host {
    pub(crate) fn new() -> Self {
        Self {
            now: Duration::ZERO,
            online: false,
            epoch: 0,
            windows: [true; 2],
            granted: [[true; 2]; 2],
            switched_on: [true; 2],
            installed: [Some(0); WORKERS],
            installations: 0,
            started: BTreeMap::new(),
            running: BTreeMap::new(),
            replies: BTreeMap::new(),
            requests: 0,
            store: Store::default(),
            origins: OriginId::ALL.map(origin_of),
            keys: std::array::from_fn(|ix| key_of(WorkerId(ix), Incarnation(0))),
            lives: 0,
        }
    }

    /// The time now, on both clocks.
    pub(crate) fn clocks(&self) -> Now {
        let wall = WallTime::from_unix_ms(1_700_000_000_000).after(self.now);
        Now { monotonic: MonotonicTime::from_start(self.now), wall }
    }

    /// The process died, and what ran and what was open with it.
    pub(crate) fn die(&mut self) {
        (self.started, self.running, self.replies) = <_>::default();
        self.windows = [false; 2];
        self.lives += 1;
    }

    /// What the store holds, and what the host knows of it.
    pub(crate) fn load(&self) -> Loaded {
        let there = (0..WORKERS).map(WorkerId).filter(|worker| self.installed[worker.0].is_some());
        let worker_states = there.map(|worker| (self.key(worker), WorkerState::Active)).collect();
        let origins = OriginId::ALL.map(|origin| self.origin_facts(origin)).into();
        Loaded { worker_states, origins, ..self.store.load() }
    }

    fn origin_facts(&self, origin: OriginId) -> OriginFacts {
        let permission = PerKind::from_fn(|kind| self.permission(origin, named(kind)));
        let switch = PerKind::from_fn(|kind| self.switch(named(kind)));
        OriginFacts::new(PROFILE, self.origin(origin), self.windows_of(origin), permission, switch)
    }

    fn switch(&self, kind: Kind) -> UserSwitch {
        if self.switched_on[kind as usize] { UserSwitch::On } else { UserSwitch::Off }
    }

    pub(crate) fn react(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Reply { request, reply } => {
                self.replies.insert(request, reply);
                Some(Input::ReplyDelivered { request })
            }
            Output::Start { attempt, key, kind } => Some(self.start(attempt, &key, kind)),
            Output::Dispatch { attempt, event, .. } => {
                let running = self.running_of(attempt, &event)?;
                self.running.insert(attempt, running);
                None
            }
            Output::Terminate { attempt, .. } => {
                self.running.remove(&attempt)?;
                Some(Input::Finished { attempt, outcome: Outcome::Terminated })
            }
            Output::Commit { txn, ops } | Output::Rewrite { txn, ops } => {
                self.store.commit(ops);
                Some(Input::Committed { txn })
            }
            Output::AskNetwork { origin } => {
                let subject = NetworkSubject::Origin(origin);
                Some(Input::NetworkChanged { subject, state: self.network(), epoch: self.epoch })
            }
            Output::AskUser { attempt, .. } => Some(Input::Answered { attempt, yes: true }),
            Output::Load
            | Output::Abandon { .. }
            | Output::ArmWakeUp(_)
            | Output::WakeDone { .. }
            | Output::KeepAlive(_)
            | Output::Event(_) => None,
        }
    }

    fn start(&mut self, attempt: AttemptId, key: &RegistrationKey, kind: SyncKind) -> Input {
        let kind = named(kind);
        let worker = self.worker_of(key);
        let Some(worker) = worker else {
            return Input::NotStarted { attempt, reason: background_sync::NotStarted::NoActiveWorker };
        };
        self.started.insert(attempt, worker);
        Input::Ready { attempt, facts: self.facts(worker, kind), network: self.network() }
    }

    fn running_of(&self, attempt: AttemptId, event: &SyncEventInit) -> Option<Running> {
        let kind = named(event.kind);
        let worker = *self.started.get(&attempt)?;
        Some(Running { worker, kind, tag: number_of(&event.tag)?, last_chance: event.last_chance })
    }

    pub(crate) fn replied(&self, request: RequestId) -> Replied {
        match self.replies.get(&request) {
            Some(Reply::Registered(Ok(())) | Reply::Unregistered(Ok(()))) => Replied::Resolved,
            Some(Reply::Registered(Err(error))) => Replied::Rejected(error.dom_exception().name()),
            Some(Reply::Unregistered(Err(error))) => Replied::Rejected(error.dom_exception().name()),
            Some(Reply::Tags(_) | Reply::Cancelled(_) | Reply::Durable(_)) => Replied::Rejected("another reply"),
            None => Replied::Rejected("no reply"),
        }
    }

    pub(crate) fn request(&mut self) -> RequestId {
        self.requests += 1;
        RequestId(self.requests)
    }

    pub(crate) fn network(&self) -> NetworkState {
        if self.online { NetworkState::online() } else { NetworkState::Offline }
    }

    pub(crate) fn windows_of(&self, origin: OriginId) -> WindowClients {
        WindowClients::new(u32::from(self.windows[origin.0]), 0)
    }

    pub(crate) fn permission(&self, origin: OriginId, kind: Kind) -> PermissionState {
        if self.granted[origin.0][kind as usize] { PermissionState::Granted } else { PermissionState::Denied }
    }

    pub(crate) fn facts(&self, worker: WorkerId, kind: Kind) -> Facts {
        let is_there = self.installed[worker.0].is_some();
        Facts {
            worker: if is_there { WorkerState::Active } else { WorkerState::NoSuchRegistration },
            windows: self.windows_of(worker.origin()),
            permission: self.permission(worker.origin(), kind),
            switch: self.switch(kind),
            ..Facts::of_an_open_window()
        }
    }

    pub(crate) fn key(&self, worker: WorkerId) -> RegistrationKey {
        self.keys[worker.0].clone()
    }

    /// Whose key it is.
    pub(crate) fn worker_of(&self, key: &RegistrationKey) -> Option<WorkerId> {
        self.keys.iter().position(|its| its == key).map(WorkerId)
    }

    pub(crate) fn origin(&self, origin: OriginId) -> Origin {
        self.origins[origin.0].clone()
    }

    /// The worker has another life.
    pub(crate) fn install(&mut self, worker: WorkerId) {
        self.installations += 1;
        self.installed[worker.0] = Some(self.installations);
        self.keys[worker.0] = key_of(worker, Incarnation(self.installations));
    }
}

pub(crate) const PROFILE: Partition = Partition::Profile(PartitionId(0));

fn key_of(worker: WorkerId, incarnation: Incarnation) -> RegistrationKey {
    let origin = origin_of(worker.origin());
    let scope = format!("{origin}/{}/", worker.0);
    RegistrationKey::new(PROFILE, StorageKey::first_party(origin), &scope, incarnation)
        .expect("the scope is of the origin")
}

fn origin_of(origin: OriginId) -> Origin {
    let text = ["https://one.example", "https://other.example"][origin.0];
    Origin::parse(text).expect("it is one")
}

pub(crate) fn kind_of(kind: Kind) -> SyncKind {
    match kind {
        Kind::OneShot => SyncKind::OneShot,
        Kind::Periodic => SyncKind::Periodic,
    }
}

pub(crate) fn tag_of(tag: Tag) -> SyncTag {
    SyncTag::from(tag.to_string().as_str())
}

pub(crate) fn number_of(tag: &SyncTag) -> Option<Tag> {
    tag.to_string().trim_matches('"').parse().ok()
}

pub(crate) fn named(kind: SyncKind) -> Kind {
    match kind {
        SyncKind::OneShot => Kind::OneShot,
        SyncKind::Periodic => Kind::Periodic,
    }
}
