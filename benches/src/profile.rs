use std::time::Duration;

use background_sync::policy::{Facts, RegistrationKey, SyncKind};
use background_sync::registration::{Sequence, Tag};
use background_sync::scheduler::NetworkState;
use background_sync::{AskedBy, Input, Loaded, Machine, RequestId, WorkerState};

use crate::{Host, Others, TAGS_PER_WORKER, key, profile_record, registration, tag};

/// A machine with many registrations, a thousand a worker, each worker of an origin of its own with a window.
#[derive(Debug)]
pub struct Profile {
    host: Host,
    workers: Vec<RegistrationKey>,
    calls: u64,
}

impl Profile {
    /// A machine that has loaded so many registrations.
    ///
    /// # Panics
    /// When the machine does not take them all up.
    #[must_use]
    pub fn new(registrations: u64, others: Others) -> Self {
        let mut profile = Self::empty(registrations, others);
        let loaded = profile.stored(registrations, others);
        profile.load(loaded);
        assert_eq!(profile.machine().registration_count() as u64, registrations);
        profile
    }

    /// One that is about to load so many registrations.
    #[must_use]
    pub fn empty(registrations: u64, others: Others) -> Self {
        let mut host = Host::new(Facts::of_an_open_window());
        host.network(match others {
            Others::Pending => NetworkState::Offline,
            Others::Waiting | Others::Periodic => NetworkState::online(),
        });
        Self { host, workers: (0..registrations.div_ceil(TAGS_PER_WORKER)).map(key).collect(), calls: 0 }
    }

    /// What the store of this profile holds, if it is so many registrations.
    #[must_use]
    pub fn stored(&self, registrations: u64, others: Others) -> Loaded {
        let row = |number: u64| {
            let worker = &self.workers[(number / TAGS_PER_WORKER) as usize];
            registration(worker, Sequence(number + 1), tag(number % TAGS_PER_WORKER), others)
        };
        Loaded {
            registrations: (0..registrations).map(row).collect(),
            profile: Some(profile_record(registrations)),
            worker_states: self.workers.iter().map(|key| (key.clone(), WorkerState::Active)).collect(),
            ..Loaded::default()
        }
    }

    /// The store was read.
    pub fn load(&mut self, loaded: Loaded) {
        self.host.say(Input::Loaded(loaded));
    }

    /// The machine.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        self.host.machine()
    }

    /// The number of one of the workers; the next call gives another one, far away.
    #[must_use]
    pub fn some_worker(&mut self) -> u64 {
        self.calls += 1;
        let spread = self.calls.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        spread % self.workers.len() as u64
    }

    /// The worker with this number.
    #[must_use]
    pub fn worker(&self, number: u64) -> RegistrationKey {
        self.workers[number as usize].clone()
    }

    /// The number of a tag that every worker has.
    #[must_use]
    pub fn old_tag(&self) -> u64 {
        self.calls % TAGS_PER_WORKER
    }

    /// A tag that no worker has.
    #[must_use]
    pub fn new_tag(&self) -> Tag {
        tag(TAGS_PER_WORKER + self.calls)
    }

    /// A call of `register`, up to its durable reply. Gives the word that the reply was delivered.
    ///
    /// # Panics
    /// When there is no reply.
    pub fn register(&mut self, key: RegistrationKey, tag: Tag) -> Input {
        let (request, facts) = (RequestId(self.calls), self.host.facts());
        self.host.say_and_do(Input::Register { request, key, tag, asked_by: AskedBy::Page, facts });
        self.host.take_next().expect("one reply, and nothing else is left to do")
    }

    /// Takes a registration away again.
    pub fn cancel(&mut self, key: RegistrationKey, tag: Tag) {
        self.host.say_and_do(Input::Cancel { kind: SyncKind::OneShot, request: RequestId(0), key, tag });
        drop(self.host.take_next());
    }

    /// The reply was delivered. With a network the event is started, written and dispatched.
    pub fn deliver(&mut self, delivered: Input) {
        self.host.say_and_do(delivered);
    }

    /// The event that was dispatched is fulfilled, and its registration removed.
    ///
    /// # Panics
    /// When there is none.
    pub fn complete(&mut self) {
        assert!(self.host.fulfil_first(), "an event was dispatched");
    }

    /// Lets a little time pass, in which something may come due that was left for later.
    pub fn pass(&mut self, time: Duration) {
        self.host.pass(time);
    }

    /// How many events run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.host.running()
    }

    /// Nothing is due.
    pub fn tick(&mut self) {
        self.host.say(Input::Tick);
    }
}
