use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use background_sync::policy::{
    Facts, Incarnation, Origin, Partition, PartitionId, PermissionState, RegistrationKey, StorageKey, SyncKind,
    UserSwitch, WindowClients, WorkerState,
};
use background_sync::registration::{MinInterval, MonotonicTime, Now, StateName, Tag as SyncTag, WallTime};
use background_sync::scheduler::{
    AcrossOrigins, EngagementFactors, JitterMode, NetworkState, SyncParameters, ValidParameters,
};
use background_sync::{
    AskedBy, AttemptId, Input, Loaded, Machine, NetworkSubject, Outcome, Output, PeriodicInput, RegistrationView,
    Reply, RequestId, SyncEventInit,
};

use crate::choices::{ACROSS_ORIGINS, ANY_ORIGIN, ATTEMPTS, BACK_OFF, PERIODIC_CAP, RETRIES, RETRY_DELAY, START};
use crate::{Kind, Op, OriginId, Replied, Running, Seen, State, Tag, WORKERS, WorkerId};

const MINUTE: Duration = Duration::from_secs(60);
const YEARS: Duration = Duration::from_secs(10 * 365 * 86_400);

/// The machine, with a host that does everything at once, and parameters that leave it no choice.
#[derive(Debug)]
pub struct MachineUnderTest {
    machine: Machine,
    now: Duration,
    online: bool,
    epoch: u64,
    windows: [bool; 2],
    /// By kind, one-shot first.
    granted: [[bool; 2]; 2],
    switched_on: [bool; 2],
    /// How often each worker was installed; nothing while it is not.
    installed: [Option<u64>; WORKERS],
    installations: u64,
    /// What was started, and for whom.
    started: BTreeMap<AttemptId, WorkerId>,
    running: BTreeMap<AttemptId, Running>,
    replies: BTreeMap<RequestId, Reply>,
    requests: u64,
}

impl Default for MachineUnderTest {
    fn default() -> Self {
        Self::new()
    }
}

impl MachineUnderTest {
    /// As [`Agent::new`](crate::Agent::new).
    #[must_use]
    pub fn new() -> Self {
        let mut it = Self {
            machine: Machine::new(parameters(), [7; 32]),
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
        };
        let active = |ix| (it.key(WorkerId(ix)), WorkerState::Active);
        let worker_states: Vec<_> = (0..WORKERS).map(active).collect();
        it.tell(Input::Loaded(Loaded { worker_states, ..Loaded::default() }));
        it.tell(Input::WorkersKnown { states: Vec::new() });
        it.tell_network();
        it
    }

    /// As [`Agent::apply`](crate::Agent::apply).
    pub fn apply(&mut self, op: Op) -> Option<Replied> {
        let replied = match op {
            Op::Register { worker, tag } => Some(self.register(worker, tag)),
            Op::RegisterPeriodic { worker, tag, hours } => Some(self.register_periodic(worker, tag, hours)),
            Op::UnregisterPeriodic { worker, tag } => Some(self.unregister_periodic(worker, tag)),
            Op::Online | Op::Offline => {
                self.online = matches!(op, Op::Online);
                self.tell_network();
                None
            }
            Op::Settle { nth, fulfilled } => self.settle(nth, fulfilled),
            Op::Windows { origin, open } => {
                self.windows[origin.0] = open;
                let windows = self.windows_of(origin);
                self.tell(Input::ClientsChanged { partition: PROFILE, origin: origin_of(origin), windows });
                None
            }
            Op::Permission { origin, kind, granted } => {
                self.granted[origin.0][kind as usize] = granted;
                let state = self.permission(origin, kind);
                let (kind, origin) = (kind_of(kind), origin_of(origin));
                self.tell(Input::PermissionChanged { request: None, partition: PROFILE, origin, kind, state });
                None
            }
            Op::Switch { kind, on } => {
                self.switched_on[kind as usize] = on;
                let switch = if on { UserSwitch::On } else { UserSwitch::Off };
                self.tell(Input::UserSwitch { request: None, origin: None, kind: kind_of(kind), switch });
                None
            }
            Op::Unregister { worker } => self.unregister(worker),
            Op::Install { worker } => self.install(worker),
            Op::Pass { minutes } => {
                (0..minutes).for_each(|_| self.minute());
                None
            }
        };
        self.minute();
        replied
    }

    /// As [`Agent::seen`](crate::Agent::seen).
    #[must_use]
    pub fn seen(&self) -> Seen {
        let view_of = |view: RegistrationView| {
            let worker = (0..WORKERS).map(WorkerId).find(|worker| self.key(*worker) == view.key)?;
            let kind = match view.kind {
                SyncKind::OneShot => Kind::OneShot,
                SyncKind::Periodic => Kind::Periodic,
            };
            let state = match view.state {
                StateName::Pending | StateName::Suspended => State::Pending,
                StateName::Waiting => State::Waiting,
                StateName::Firing => State::Firing,
                StateName::ReregisteredWhileFiring => State::ReregisteredWhileFiring,
            };
            Some((view.sequence, (worker, kind, number_of(&view.tag)?, state)))
        };
        let mut registered: Vec<_> = self.machine.registrations().filter_map(view_of).collect();
        // A list is in the order of its registrations' numbers.
        registered.sort_unstable_by_key(|(sequence, (worker, kind, ..))| (*worker, *kind, *sequence));
        let mut running: Vec<_> = self.running.values().copied().collect();
        running.sort_unstable();
        Seen { registered: registered.into_iter().map(|(_, it)| it).collect(), running }
    }

    fn register(&mut self, worker: WorkerId, tag: Tag) -> Replied {
        let (request, key, facts) = (self.request(), self.key(worker), self.facts(worker, Kind::OneShot));
        self.tell(Input::Register { request, key, tag: tag_of(tag), asked_by: AskedBy::Page, facts });
        self.replied(request)
    }

    fn register_periodic(&mut self, worker: WorkerId, tag: Tag, hours: u64) -> Replied {
        let (request, key, facts) = (self.request(), self.key(worker), self.facts(worker, Kind::Periodic));
        let (tag, min_interval) = (tag_of(tag), MinInterval::from_ms(hours * 3_600_000));
        let asked_by = AskedBy::Page;
        self.tell(Input::Periodic(PeriodicInput::Register { request, key, tag, min_interval, asked_by, facts }));
        self.replied(request)
    }

    fn unregister_periodic(&mut self, worker: WorkerId, tag: Tag) -> Replied {
        let (request, key, tag) = (self.request(), self.key(worker), tag_of(tag));
        self.tell(Input::Periodic(PeriodicInput::Unregister { request, key, tag }));
        self.replied(request)
    }

    fn settle(&mut self, nth: usize, fulfilled: bool) -> Option<Replied> {
        let mut sorted: Vec<(Running, AttemptId)> = self.running.iter().map(|(id, event)| (*event, *id)).collect();
        sorted.sort_unstable();
        let (_, attempt) = *sorted.get(nth.checked_rem(sorted.len())?)?;
        self.running.remove(&attempt);
        let outcome = if fulfilled { Outcome::Fulfilled } else { Outcome::Rejected };
        self.tell(Input::Finished { attempt, outcome });
        None
    }

    fn unregister(&mut self, worker: WorkerId) -> Option<Replied> {
        let key = self.key(worker);
        if self.installed[worker.0].take().is_some() {
            self.tell(Input::Unregistered { request: None, key });
        }
        None
    }

    fn install(&mut self, worker: WorkerId) -> Option<Replied> {
        if self.installed[worker.0].is_none() {
            self.installations += 1;
            self.installed[worker.0] = Some(self.installations);
            self.tell(Input::WorkerChanged { key: self.key(worker), state: WorkerState::Active });
        }
        None
    }

    /// Every deadline of the next minute comes at its time.
    fn minute(&mut self) {
        let end = self.now + MINUTE;
        while let Some(deadline) = self.machine.next_deadline().filter(|at| *at <= MonotonicTime::from_start(end)) {
            self.now = self.now.max(deadline.since(MonotonicTime::from_start(Duration::ZERO)));
            self.tell(Input::Tick);
        }
        self.now = end;
        self.tell(Input::Tick);
    }

    fn tell_network(&mut self) {
        self.epoch += 1;
        let (state, epoch) = (self.network(), self.epoch);
        self.tell(Input::NetworkChanged { subject: NetworkSubject::All, state, epoch });
    }

    fn tell(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let wall = WallTime::from_unix_ms(1_700_000_000_000).after(self.now);
            self.machine.handle(Now { monotonic: MonotonicTime::from_start(self.now), wall }, input);
            while let Some(output) = self.machine.poll_output() {
                inputs.extend(self.react(output));
            }
        }
    }

    fn react(&mut self, output: Output) -> Option<Input> {
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
            Output::Commit { txn, .. } | Output::Rewrite { txn, .. } => Some(Input::Committed { txn }),
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
        let kind = match kind {
            SyncKind::OneShot => Kind::OneShot,
            SyncKind::Periodic => Kind::Periodic,
        };
        let worker = (0..WORKERS).map(WorkerId).find(|worker| self.key(*worker) == *key);
        let Some(worker) = worker else {
            return Input::NotStarted { attempt, reason: background_sync::NotStarted::NoActiveWorker };
        };
        self.started.insert(attempt, worker);
        Input::Ready { attempt, facts: self.facts(worker, kind), network: self.network() }
    }

    fn running_of(&self, attempt: AttemptId, event: &SyncEventInit) -> Option<Running> {
        let kind = match event.kind {
            SyncKind::OneShot => Kind::OneShot,
            SyncKind::Periodic => Kind::Periodic,
        };
        let worker = *self.started.get(&attempt)?;
        Some(Running { worker, kind, tag: number_of(&event.tag)?, last_chance: event.last_chance })
    }

    fn replied(&self, request: RequestId) -> Replied {
        match self.replies.get(&request) {
            Some(Reply::Registered(Ok(())) | Reply::Unregistered(Ok(()))) => Replied::Resolved,
            Some(Reply::Registered(Err(error))) => Replied::Rejected(error.dom_exception().name()),
            Some(Reply::Unregistered(Err(error))) => Replied::Rejected(error.dom_exception().name()),
            Some(Reply::Tags(_) | Reply::Cancelled(_) | Reply::Durable(_)) => Replied::Rejected("another reply"),
            None => Replied::Rejected("no reply"),
        }
    }

    fn request(&mut self) -> RequestId {
        self.requests += 1;
        RequestId(self.requests)
    }

    fn network(&self) -> NetworkState {
        if self.online { NetworkState::online() } else { NetworkState::Offline }
    }

    fn windows_of(&self, origin: OriginId) -> WindowClients {
        WindowClients::new(u32::from(self.windows[origin.0]), 0)
    }

    fn permission(&self, origin: OriginId, kind: Kind) -> PermissionState {
        if self.granted[origin.0][kind as usize] { PermissionState::Granted } else { PermissionState::Denied }
    }

    fn facts(&self, worker: WorkerId, kind: Kind) -> Facts {
        let is_there = self.installed[worker.0].is_some();
        Facts {
            worker: if is_there { WorkerState::Active } else { WorkerState::NoSuchRegistration },
            windows: self.windows_of(worker.origin()),
            permission: self.permission(worker.origin(), kind),
            switch: if self.switched_on[kind as usize] { UserSwitch::On } else { UserSwitch::Off },
            ..Facts::of_an_open_window()
        }
    }

    fn key(&self, worker: WorkerId) -> RegistrationKey {
        let origin = origin_of(worker.origin());
        let scope = format!("{origin}/{}/", worker.0);
        let incarnation = Incarnation(self.installed[worker.0].unwrap_or(self.installations));
        RegistrationKey::new(PROFILE, StorageKey::first_party(origin), &scope, incarnation)
            .expect("the scope is of the origin")
    }
}

const PROFILE: Partition = Partition::Profile(PartitionId(0));

fn origin_of(origin: OriginId) -> Origin {
    let text = ["https://one.example", "https://other.example"][origin.0];
    Origin::parse(text).expect("it is one")
}

fn kind_of(kind: Kind) -> SyncKind {
    match kind {
        Kind::OneShot => SyncKind::OneShot,
        Kind::Periodic => SyncKind::Periodic,
    }
}

fn tag_of(tag: Tag) -> SyncTag {
    SyncTag::from(tag.to_string().as_str())
}

fn number_of(tag: &SyncTag) -> Option<Tag> {
    tag.to_string().trim_matches('"').parse().ok()
}

/// No chance, no caps, no budgets, no spreads, and the waits of [`choices`](crate::choices).
fn parameters() -> ValidParameters {
    let minutes = |n: u64| MINUTE * u32::try_from(n).unwrap_or(u32::MAX);
    let plain = SyncParameters::recommended().into_parameters().with(|it| {
        it.max_sync_attempts = ATTEMPTS;
        it.min_sync_attempts = ATTEMPTS;
        it.initial_retry_delay = minutes(BACK_OFF);
        it.max_retry_delay = minutes(BACK_OFF);
        it.retry_delay_factor = 1;
        it.jitter = JitterMode::None;
        it.min_refire_spacing = Duration::from_millis(1);
        it.early_retries_per_hour = 0;
        it.max_start_duration = minutes(START);
        it.max_free_outcomes = 0;
        (it.max_age, it.max_observed_age) = (YEARS, YEARS);
        (it.max_sync_event_duration, it.max_last_chance_duration) = (YEARS, YEARS);
        (it.max_concurrent_events, it.max_concurrent_events_per_origin) = (1_000, 1_000);
        (it.background_starts_per_day, it.background_time_per_day) = (u32::MAX, Duration::MAX);
        (it.first_fire_spread, it.first_fire_spread_in_background) = (Duration::ZERO, Duration::ZERO);
        (it.online_hold, it.online_hold_max) = (Duration::ZERO, Duration::ZERO);
        let periodic = &mut it.periodic;
        periodic.min_interval_for_any_origin = minutes(ANY_ORIGIN);
        periodic.engagement = EngagementFactors::NONE;
        periodic.across_origins = AcrossOrigins::Gap(minutes(ACROSS_ORIGINS));
        periodic.batch_window = Duration::ZERO;
        periodic.interval_flex_percent = 0;
        periodic.max_retries = RETRIES;
        periodic.initial_retry_delay = minutes(RETRY_DELAY);
        periodic.retry_delay_factor = 1;
        let cap = minutes(PERIODIC_CAP);
        (periodic.max_event_duration, periodic.max_retry_duration) = (cap, cap);
        (periodic.starts_per_day, periodic.time_per_day) = (u32::MAX, Duration::MAX);
        periodic.follow_visits = false;
    });
    plain.validated().expect("they make sense")
}
