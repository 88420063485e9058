//! A host that does at once what the machine wants, unless a test says otherwise.

#![allow(
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "a test may panic, and not every test uses everything"
)]

pub mod stories;

use std::collections::VecDeque;
use std::time::Duration;

use background_sync::policy::{
    Facts, Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey, WindowClients,
};
use background_sync::registration::{MonotonicTime, Now, Tag, WallTime};
use background_sync::scheduler::{NetworkState, SyncParameters, ValidParameters};
use background_sync::{
    AskedBy, AttemptId, Input, Loaded, Machine, NetworkSubject, Outcome, Output, Reply, RequestId, StoreOp,
    SyncEventInit,
};

/// What the host does by itself.
pub struct Host {
    pub machine: Machine,
    pub now: Duration,
    pub outputs: Vec<Output>,
    pub events: Vec<(Duration, AttemptId, SyncEventInit)>,
    pub replies: Vec<(RequestId, Reply)>,
    pub commits: Vec<Vec<StoreOp>>,
    /// Answers to events, in turn; `Fulfilled` when there is none. `None` for no answer.
    pub outcomes: VecDeque<Option<Outcome>>,
    pub facts: Facts,
    pub network: NetworkState,
    pub commit: bool,
    pub start: bool,
    pub deliver: bool,
    epoch: u64,
    next_request: u64,
}

impl Host {
    pub fn new() -> Self {
        Self::with(SyncParameters::recommended())
    }

    pub fn with(params: ValidParameters) -> Self {
        let mut host = Self {
            machine: Machine::new(params, [7; 32]),
            now: Duration::ZERO,
            outputs: Vec::new(),
            events: Vec::new(),
            replies: Vec::new(),
            commits: Vec::new(),
            outcomes: VecDeque::new(),
            facts: Facts::of_an_open_window(),
            network: NetworkState::online(),
            commit: true,
            start: true,
            deliver: true,
            epoch: 0,
            next_request: 1,
        };
        host.send(Input::WorkersKnown { states: Vec::new() });
        host.send(Input::Loaded(Loaded::default()));
        host.network(NetworkState::online());
        host
    }

    pub fn clock(&self) -> Now {
        let wall = WallTime::from_unix_ms(1_700_000_000_000).after(self.now);
        Now { monotonic: MonotonicTime::from_start(self.now), wall }
    }

    pub fn send(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            self.machine.handle(self.clock(), input);
            self.machine.check_invariants().unwrap();
            while let Some(output) = self.machine.poll_output() {
                self.react(&output, &mut inputs);
                self.outputs.push(output);
            }
        }
    }

    fn react(&mut self, output: &Output, inputs: &mut VecDeque<Input>) {
        match output {
            Output::Reply { request, reply } => {
                self.replies.push((*request, reply.clone()));
                if self.deliver {
                    inputs.push_back(Input::ReplyDelivered { request: *request });
                }
            }
            Output::Start { attempt, .. } if self.start => {
                inputs.push_back(Input::Ready { attempt: *attempt, facts: self.facts, network: self.network.clone() })
            }
            Output::Commit { txn, ops } => {
                self.commits.push(ops.clone());
                if self.commit {
                    inputs.push_back(Input::Committed { txn: *txn });
                }
            }
            Output::Rewrite { txn, ops } => {
                // What was written before is replaced.
                self.commits = vec![ops.clone()];
                if self.commit {
                    inputs.push_back(Input::Committed { txn: *txn });
                }
            }
            Output::AskNetwork { origin } => inputs.push_back(Input::NetworkChanged {
                subject: NetworkSubject::Origin(origin.clone()),
                state: self.network.clone(),
                epoch: self.epoch,
            }),
            Output::Dispatch { attempt, event, .. } => {
                self.events.push((self.now, *attempt, event.clone()));
                if let Some(outcome) = self.outcomes.pop_front().unwrap_or(Some(Outcome::Fulfilled)) {
                    inputs.push_back(Input::Finished { attempt: *attempt, outcome });
                }
            }
            _ => {}
        }
    }

    pub fn register(&mut self, tag: &str) -> RequestId {
        self.register_as(tag, AskedBy::Page)
    }

    pub fn register_as(&mut self, tag: &str, asked_by: AskedBy) -> RequestId {
        let request = RequestId(self.next_request);
        self.next_request += 1;
        let facts = self.facts;
        self.send(Input::Register { request, key: key(), tag: Tag::from(tag), asked_by, facts });
        request
    }

    pub fn reply(&self, request: RequestId) -> Option<&Reply> {
        let mut replies = self.replies.iter().filter(|(id, _)| *id == request).map(|(_, reply)| reply);
        let first = replies.next();
        assert_eq!(replies.next(), None, "I7: one reply");
        first
    }

    pub fn network(&mut self, state: NetworkState) {
        self.network = state.clone();
        self.epoch += 1;
        self.send(Input::NetworkChanged { subject: NetworkSubject::All, state, epoch: self.epoch });
    }

    pub fn windows(&mut self, top_level: u32) {
        self.facts.windows = WindowClients::new(top_level, 0);
        let windows = self.facts.windows;
        self.send(Input::ClientsChanged { partition: PROFILE, origin: origin(), windows });
    }

    /// Lets time pass, deadline by deadline.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.machine.next_deadline().map(MonotonicTime::since_start).filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.send(Input::Tick);
        }
        self.now = end;
        self.send(Input::Tick);
    }

    pub fn event_times(&self) -> Vec<u64> {
        self.events.iter().map(|(at, ..)| at.as_secs()).collect()
    }
}

pub const PROFILE: Partition = Partition::Profile(PartitionId(0));

pub fn origin() -> Origin {
    Origin::parse("https://chat.example").unwrap()
}

pub fn key() -> RegistrationKey {
    RegistrationKey::new(PROFILE, StorageKey::first_party(origin()), "https://chat.example/", Incarnation(1)).unwrap()
}

pub fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}
