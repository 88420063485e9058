use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use background_sync::policy::{UserSwitch, WorkerState};
use background_sync::registration::{MinInterval, MonotonicTime, Now, StateName};
use background_sync::{
    AskedBy, AttemptId, Input, Machine, NetworkSubject, Outcome, Output, PeriodicInput, RegistrationView,
};
use background_sync_host_tests::{Broken, Oracle};

use crate::host::{Host, PROFILE, kind_of, named, number_of, tag_of};
use crate::parameters::{MINUTE, parameters};
use crate::{Kind, Op, Replied, Running, Seen, State, Tag, WorkerId};

/// The machine, with a host that does everything at once, and parameters that leave it no choice.
///
/// The invariants are looked at all the while, see [`broken`](Self::broken).
#[derive(Debug)]
pub struct MachineUnderTest {
    machine: Machine,
    host: Host,
    /// What this machine was told since it was made, in that order.
    told: Vec<Rc<Told>>,
    oracle: Oracle,
    broken: Option<String>,
}

/// An input, and what the machine said to it.
#[derive(Debug)]
struct Told {
    now: Now,
    input: Input,
    said: Vec<Output>,
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
        let host = Host::new();
        let (machine, told) = (new_machine(0), Vec::new());
        let mut it = Self { machine, told, host, oracle: Oracle::new(parameters()), broken: None };
        it.start();
        it
    }

    /// Another one that has lived through the same. The machine itself cannot be copied, so another one is told the same,
    /// from its start on.
    #[must_use]
    pub fn again(&self) -> Self {
        let mut machine = new_machine(self.host.lives);
        let mut broken = self.broken.clone();
        for told in &self.told {
            machine.handle(told.now, told.input.clone());
            if !std::iter::from_fn(|| machine.poll_output()).eq(told.said.iter().cloned()) {
                broken.get_or_insert_with(|| {
                    format!("invariant I14 is broken: something else was said to {:?}", told.input)
                });
            }
        }
        Self { machine, broken, told: self.told.clone(), host: self.host.clone(), oracle: self.oracle.clone() }
    }

    /// The first invariant that was found broken, and how.
    #[must_use]
    pub fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    /// As [`Agent::apply`](crate::Agent::apply).
    pub fn apply(&mut self, op: Op) -> Option<Replied> {
        let replied = match op {
            Op::Register { worker, tag } => Some(self.register(worker, tag)),
            Op::RegisterPeriodic { worker, tag, hours } => Some(self.register_periodic(worker, tag, hours)),
            Op::UnregisterPeriodic { worker, tag } => Some(self.unregister_periodic(worker, tag)),
            Op::Online | Op::Offline => {
                self.host.online = matches!(op, Op::Online);
                self.tell_network();
                None
            }
            Op::Settle { nth, fulfilled } => self.settle(nth, fulfilled),
            Op::Windows { origin, open } => {
                self.host.windows[origin.0] = open;
                let windows = self.host.windows_of(origin);
                self.tell(Input::ClientsChanged { partition: PROFILE, origin: self.host.origin(origin), windows });
                None
            }
            Op::Permission { origin, kind, granted } => {
                self.host.granted[origin.0][kind as usize] = granted;
                let state = self.host.permission(origin, kind);
                let (kind, origin) = (kind_of(kind), self.host.origin(origin));
                self.tell(Input::PermissionChanged { request: None, partition: PROFILE, origin, kind, state });
                None
            }
            Op::Switch { kind, on } => {
                self.host.switched_on[kind as usize] = on;
                let switch = if on { UserSwitch::On } else { UserSwitch::Off };
                self.tell(Input::UserSwitch { request: None, origin: None, kind: kind_of(kind), switch });
                None
            }
            Op::Unregister { worker } => self.unregister(worker),
            Op::Install { worker } => self.install(worker),
            Op::Crash => self.crash(),
            Op::Pass { minutes } => {
                self.pass(u32::from(minutes));
                None
            }
        };
        self.pass(1);
        self.look();
        replied
    }

    /// As [`Agent::seen`](crate::Agent::seen).
    #[must_use]
    pub fn seen(&self) -> Seen {
        let view_of = |view: RegistrationView| {
            let worker = self.host.worker_of(&view.key)?;
            let kind = named(view.kind);
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
        let mut running: Vec<_> = self.host.running.values().copied().collect();
        running.sort_unstable();
        Seen { registered: registered.into_iter().map(|(_, it)| it).collect(), running }
    }

    fn register(&mut self, worker: WorkerId, tag: Tag) -> Replied {
        let (request, key, facts) =
            (self.host.request(), self.host.key(worker), self.host.facts(worker, Kind::OneShot));
        self.tell(Input::Register { request, key, tag: tag_of(tag), asked_by: AskedBy::Page, facts });
        self.host.replied(request)
    }

    fn register_periodic(&mut self, worker: WorkerId, tag: Tag, hours: u64) -> Replied {
        let (request, key, facts) =
            (self.host.request(), self.host.key(worker), self.host.facts(worker, Kind::Periodic));
        let (tag, min_interval) = (tag_of(tag), MinInterval::from_ms(hours * 3_600_000));
        let asked_by = AskedBy::Page;
        self.tell(Input::Periodic(PeriodicInput::Register { request, key, tag, min_interval, asked_by, facts }));
        self.host.replied(request)
    }

    fn unregister_periodic(&mut self, worker: WorkerId, tag: Tag) -> Replied {
        let (request, key, tag) = (self.host.request(), self.host.key(worker), tag_of(tag));
        self.tell(Input::Periodic(PeriodicInput::Unregister { request, key, tag }));
        self.host.replied(request)
    }

    fn settle(&mut self, nth: usize, fulfilled: bool) -> Option<Replied> {
        let mut sorted: Vec<(Running, AttemptId)> = self.host.running.iter().map(|(id, event)| (*event, *id)).collect();
        sorted.sort_unstable();
        let (_, attempt) = *sorted.get(nth.checked_rem(sorted.len())?)?;
        self.host.running.remove(&attempt);
        let outcome = if fulfilled { Outcome::Fulfilled } else { Outcome::Rejected };
        self.tell(Input::Finished { attempt, outcome });
        None
    }

    fn unregister(&mut self, worker: WorkerId) -> Option<Replied> {
        let key = self.host.key(worker);
        if self.host.installed[worker.0].take().is_some() {
            self.tell(Input::Unregistered { request: None, key });
        }
        None
    }

    fn install(&mut self, worker: WorkerId) -> Option<Replied> {
        if self.host.installed[worker.0].is_none() {
            self.host.install(worker);
            self.tell(Input::WorkerChanged { key: self.host.key(worker), state: WorkerState::Active });
        }
        None
    }

    fn crash(&mut self) -> Option<Replied> {
        let died =
            self.oracle.check_end(&self.machine).and_then(|()| self.oracle.process_died(&self.host.store.rows()));
        self.note(died);
        self.host.die();
        self.machine = new_machine(self.host.lives);
        self.told.clear();
        self.start();
        None
    }

    /// The process has started.
    fn start(&mut self) {
        self.tell(Input::Loaded(self.host.load()));
        self.tell(Input::WorkersKnown { states: Vec::new() });
        self.tell_network();
    }

    /// Every deadline of these minutes comes at its time.
    fn pass(&mut self, minutes: u32) {
        let end = self.host.now + MINUTE * minutes;
        while let Some(deadline) = self.machine.next_deadline().filter(|at| *at <= MonotonicTime::from_start(end)) {
            self.host.now = self.host.now.max(deadline.since(MonotonicTime::from_start(Duration::ZERO)));
            self.tell(Input::Tick);
        }
        self.host.now = end;
        self.tell(Input::Tick);
    }

    fn look(&mut self) {
        let checked = self.machine.check_invariants();
        if let Err(what) = checked {
            self.broken.get_or_insert(what);
        }
        self.note(self.oracle.compare(&self.machine));
    }

    fn note(&mut self, result: Result<(), Broken>) {
        if let Err(broken) = result {
            self.broken.get_or_insert_with(|| broken.to_string());
        }
    }

    fn tell_network(&mut self) {
        self.host.epoch += 1;
        let (state, epoch) = (self.host.network(), self.host.epoch);
        self.tell(Input::NetworkChanged { subject: NetworkSubject::All, state, epoch });
    }

    fn tell(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let now = self.host.clocks();
            self.machine.handle(now, input.clone());
            let said: Vec<Output> = std::iter::from_fn(|| self.machine.poll_output()).collect();
            let seen = self.oracle.observe(now, &input, &said);
            self.note(seen);
            inputs.extend(said.iter().filter_map(|output| self.host.react(output.clone())));
            self.told.push(Rc::new(Told { now, input, said }));
        }
    }
}

/// Each life of the process has another seed.
fn new_machine(lives: u8) -> Machine {
    let mut machine = Machine::new(parameters(), [lives; 32]);
    while machine.poll_output().is_some() {}
    machine
}
