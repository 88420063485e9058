use std::collections::VecDeque;
use std::time::Duration;

use background_sync::policy::{
    Facts, Incarnation, Limits, Origin, Partition, PartitionId, RegistrationKey, Scope, StorageKey, SyncKind,
};
use background_sync::registration::{
    MonotonicTime, Now, Observed, Sequence, Series, StoredRegistration, StoredState, StoredWait, Tag, WallTime,
};
use background_sync::scheduler::{NetworkState, SyncParameters, ValidParameters};
use background_sync::{
    AskedBy, AttemptId, Input, Loaded, Machine, NetworkSubject, Outcome, Output, RequestId, StoredProfile, WorkerState,
};

use crate::TAGS_PER_WORKER;

/// Longer than a bench takes, shorter than a registration lives.
const LONG: Duration = Duration::from_secs(20 * 86_400);

/// What all the other registrations are doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// They are pending; there is no network.
    Pending,
    /// They wait for a retry; there is a network.
    Waiting,
}

/// A machine with many registrations, and a host that does at once what it is told.
#[derive(Debug)]
pub struct Profile {
    machine: Machine,
    workers: Vec<RegistrationKey>,
    now: Duration,
    /// Inputs that follow from outputs.
    next: VecDeque<Input>,
    /// The event that was dispatched last.
    event: Option<AttemptId>,
    calls: u64,
}

impl Profile {
    /// A machine that has loaded so many registrations, a thousand a worker, each worker of an origin of
    /// its own.
    ///
    /// # Panics
    /// When the machine does not take them all up.
    #[must_use]
    pub fn new(registrations: u64, others: Others) -> Self {
        let workers: Vec<_> = (0..registrations.div_ceil(TAGS_PER_WORKER)).map(key).collect();
        let machine = Machine::new(parameters(), 7);
        let mut profile = Self { machine, workers, now: Duration::ZERO, next: VecDeque::new(), event: None, calls: 0 };
        let state = match others {
            Others::Pending => NetworkState::Offline,
            Others::Waiting => NetworkState::online(),
        };
        profile.say(Input::NetworkChanged { subject: NetworkSubject::All, state, epoch: 1 });
        let loaded = profile.stored(registrations, others);
        profile.say(Input::Loaded(loaded));
        assert_eq!(profile.machine.registration_count() as u64, registrations);
        profile
    }

    /// The machine.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// One of the workers; the next call gives another one, far away.
    #[must_use]
    pub fn some_worker(&mut self) -> RegistrationKey {
        self.calls += 1;
        let spread = self.calls.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let index = spread as usize % self.workers.len();
        self.workers[index].clone()
    }

    /// A tag that every worker has.
    #[must_use]
    pub fn old_tag(&self) -> Tag {
        tag(self.calls % TAGS_PER_WORKER)
    }

    /// A tag that no worker has.
    #[must_use]
    pub fn new_tag(&self) -> Tag {
        Tag::from(format!("new tag {}", self.calls).as_str())
    }

    /// A call of `register`, up to its durable reply. Gives the word that the reply was delivered.
    ///
    /// # Panics
    /// When there is no reply.
    pub fn register(&mut self, key: RegistrationKey, tag: Tag) -> Input {
        let request = RequestId(self.calls);
        let (asked_by, facts) = (AskedBy::Page, Facts::of_an_open_window());
        self.say_and_do(Input::Register { request, key, tag, asked_by, facts });
        assert_eq!(self.next.len(), 1, "one reply, and nothing else is left to do");
        self.next.pop_front().unwrap_or(Input::Tick)
    }

    /// Takes a registration away again.
    pub fn cancel(&mut self, key: RegistrationKey, tag: Tag) {
        self.say_and_do(Input::Cancel { request: RequestId(0), key, tag });
        self.next.clear();
    }

    /// The reply was delivered: the event is started, written and dispatched.
    pub fn fire(&mut self, delivered: Input) {
        self.say_and_do(delivered);
    }

    /// The event that was dispatched last is fulfilled.
    ///
    /// # Panics
    /// When there is none.
    pub fn complete(&mut self) {
        let attempt = self.event.take().expect("an event was dispatched");
        self.say_and_do(Input::Finished { attempt, outcome: Outcome::Fulfilled });
    }

    /// Lets a little time pass, in which something may come due that was left for later.
    pub fn pass(&mut self, time: Duration) {
        self.now += time;
        self.say_and_do(Input::Tick);
    }

    /// Nothing is due.
    pub fn tick(&mut self) {
        self.say(Input::Tick);
    }

    /// Says this and everything that follows from it, but that a reply was delivered.
    fn say_and_do(&mut self, input: Input) {
        self.say(input);
        while let Some(input) = self.next.pop_front() {
            if let Input::ReplyDelivered { .. } = input {
                return self.next.push_front(input);
            }
            self.say(input);
        }
    }

    fn say(&mut self, input: Input) {
        let now = Now {
            monotonic: MonotonicTime::from_start(self.now),
            wall: WallTime::from_unix_ms(1_700_000_000_000).after(self.now),
        };
        self.machine.handle(now, input);
        while let Some(output) = self.machine.poll_output() {
            self.listen(output);
        }
    }

    fn listen(&mut self, output: Output) {
        let (facts, network) = (Facts::of_an_open_window(), NetworkState::online());
        let input = match output {
            Output::Reply { request, .. } => Input::ReplyDelivered { request },
            Output::Start { attempt, .. } => Input::Ready { attempt, facts, network },
            Output::Commit { txn, .. } | Output::Rewrite { txn, .. } => Input::Committed { txn },
            Output::AskNetwork { origin } => {
                Input::NetworkChanged { subject: NetworkSubject::Origin(origin), state: network, epoch: 1 }
            }
            Output::Dispatch { attempt, .. } => return self.event = Some(attempt),
            Output::Load
            | Output::Abandon { .. }
            | Output::Terminate { .. }
            | Output::AskUser { .. }
            | Output::ArmWakeUp(_)
            | Output::WakeDone { .. }
            | Output::KeepAlive(_)
            | Output::Event(_) => return,
        };
        self.next.push_back(input);
    }

    fn stored(&self, registrations: u64, others: Others) -> Loaded {
        let wall = WallTime::from_unix_ms(1_700_000_000_000);
        let wait = StoredWait { until: wall.after(LONG), length: LONG };
        let (state, attempts) = match others {
            Others::Pending => (StoredState::Pending(None), 0),
            Others::Waiting => (StoredState::Waiting(wait, false), 1),
        };
        let registration = |number: u64| StoredRegistration {
            sequence: Sequence(number + 1),
            key: self.workers[(number / TAGS_PER_WORKER) as usize].clone(),
            kind: SyncKind::OneShot,
            tag: tag(number % TAGS_PER_WORKER),
            state,
            series: Series { attempts, ..Series::default() },
            registered: Observed { wall, running: Duration::ZERO },
            network: None,
        };
        Loaded {
            registrations: (0..registrations).map(registration).collect(),
            profile: Some(StoredProfile { next_sequence: Sequence(registrations + 1), ..StoredProfile::default() }),
            worker_states: self.workers.iter().map(|key| (key.clone(), WorkerState::Active)).collect(),
            ..Loaded::default()
        }
    }
}

/// The recommended ones, with room for one more tag, and without anything that is left to chance.
fn parameters() -> ValidParameters {
    let recommended = SyncParameters::recommended().into_parameters();
    let params = SyncParameters {
        limits: Limits {
            max_registrations_per_worker: 1 << 20,
            max_registrations_per_origin: 1 << 20,
            ..recommended.limits
        },
        first_fire_spread: Duration::ZERO,
        first_fire_spread_in_background: Duration::ZERO,
        ..recommended
    };
    params.validated().expect("caps may be high")
}

fn key(number: u64) -> RegistrationKey {
    let origin = Origin::parse(&format!("https://site-{number}.example")).expect("an origin");
    let scope = Scope::parse(&format!("{}/", origin.as_str()), &origin).expect("a scope of it");
    let partition = Partition::Profile(PartitionId(0));
    RegistrationKey::new(partition, StorageKey::first_party(origin), scope, Incarnation(1))
}

fn tag(number: u64) -> Tag {
    Tag::from(format!("outbox message {number:05}").as_str())
}
