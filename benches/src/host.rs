use std::collections::VecDeque;
use std::time::Duration;

use background_sync::policy::Facts;
use background_sync::registration::{MonotonicTime, Now};
use background_sync::scheduler::NetworkState;
use background_sync::{AttemptId, Input, Machine, NetworkSubject, Outcome, Output};

use crate::parameters;
use crate::world::BEGINNING;

/// A bare machine, and a host that does at once what it is told.
#[derive(Debug)]
pub struct Host {
    machine: Machine,
    facts: Facts,
    network: NetworkState,
    network_epoch: u64,
    now: Duration,
    /// Inputs that follow from outputs.
    next: VecDeque<Input>,
    /// Events that were dispatched and have not ended.
    running: VecDeque<AttemptId>,
    commits: u64,
    wake_ups: u64,
}

impl Host {
    /// A machine that has read nothing yet. Every call and every start meets these facts.
    #[must_use]
    pub fn new(facts: Facts) -> Self {
        Self {
            machine: Machine::new(parameters(), [7; 32]),
            facts,
            network: NetworkState::Unknown,
            network_epoch: 0,
            now: Duration::ZERO,
            next: VecDeque::new(),
            running: VecDeque::new(),
            commits: 0,
            wake_ups: 0,
        }
    }

    /// The machine.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The facts that every call and every start meets.
    #[must_use]
    pub fn facts(&self) -> Facts {
        self.facts
    }

    /// How many events were dispatched and have not ended.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running.len()
    }

    /// How many commits were asked for.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.commits
    }

    /// How many times a wake-up was asked of the system.
    #[must_use]
    pub fn wake_ups(&self) -> u64 {
        self.wake_ups
    }

    /// The network changes.
    pub fn network(&mut self, state: NetworkState) {
        self.network = state.clone();
        self.network_epoch += 1;
        let epoch = self.network_epoch;
        self.say_and_do(Input::NetworkChanged { subject: NetworkSubject::All, state, epoch });
    }

    /// Lets time pass.
    pub fn pass(&mut self, time: Duration) {
        self.now += time;
        self.say_and_do(Input::Tick);
    }

    /// How long it is until the machine wants to go on; `None` if it does not want to.
    #[must_use]
    pub fn until_deadline(&self) -> Option<Duration> {
        Some(self.machine.next_deadline()?.since(MonotonicTime::from_start(self.now)))
    }

    /// Lets that time pass, and says how long it was.
    pub fn pass_until_deadline(&mut self) -> Option<Duration> {
        let time = self.until_deadline()?;
        self.pass(time);
        Some(time)
    }

    /// The event that was dispatched first is fulfilled. Says whether there was one.
    pub fn fulfil_first(&mut self) -> bool {
        let Some(attempt) = self.running.pop_front() else { return false };
        self.say_and_do(Input::Finished { attempt, outcome: Outcome::Fulfilled });
        true
    }

    /// The next thing to say, if the host stopped before it: that a reply was delivered.
    pub fn take_next(&mut self) -> Option<Input> {
        self.next.pop_front()
    }

    /// Says this and everything that follows from it, but that a reply was delivered.
    pub fn say_and_do(&mut self, input: Input) {
        self.say(input);
        while let Some(input) = self.next.pop_front() {
            if let Input::ReplyDelivered { .. } = input {
                return self.next.push_front(input);
            }
            self.say(input);
        }
    }

    /// Says this, and notes what follows from it.
    pub fn say(&mut self, input: Input) {
        let now = Now { monotonic: MonotonicTime::from_start(self.now), wall: BEGINNING.after(self.now) };
        self.machine.handle(now, input);
        while let Some(output) = self.machine.poll_output() {
            self.listen(output);
        }
    }

    fn listen(&mut self, output: Output) {
        let input = match output {
            Output::Reply { request, .. } => Input::ReplyDelivered { request },
            Output::Start { attempt, .. } => Input::Ready { attempt, facts: self.facts, network: self.network.clone() },
            Output::Commit { txn, .. } | Output::Rewrite { txn, .. } => {
                self.commits += 1;
                Input::Committed { txn }
            }
            Output::AskNetwork { origin } => {
                self.network_epoch += 1;
                let (subject, epoch) = (NetworkSubject::Origin(origin), self.network_epoch);
                Input::NetworkChanged { subject, state: self.network.clone(), epoch }
            }
            Output::Dispatch { attempt, .. } => return self.running.push_back(attempt),
            Output::ArmWakeUp(_) => {
                self.wake_ups += 1;
                return;
            }
            Output::Load
            | Output::Abandon { .. }
            | Output::Terminate { .. }
            | Output::AskUser { .. }
            | Output::WakeDone { .. }
            | Output::KeepAlive(_)
            | Output::Event(_) => return,
        };
        self.next.push_back(input);
    }
}
