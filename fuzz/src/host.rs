//! A host that has given its word to the machine, and the promises that the machine has given it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use background_sync::policy::{Facts, PermissionState};
use background_sync::registration::{MonotonicTime, Now, WallTime};
use background_sync::scheduler::{NetworkState, ValidParameters};
use background_sync::{Input, Loaded, Machine, NetworkSubject, Outcome, Output, PeriodicInput, RequestId, TxnId};
use background_sync_simulator::seed_of;

/// Ticks at one moment after which the deadline must lie in the future.
const TICKS_AT_ONCE: usize = 4;
/// Commits that a shutdown may take: the one in flight and a last one.
const LAST_COMMITS: usize = 2;

/// Drives a machine and checks it after every input.
pub(super) struct Host {
    machine: Machine,
    now: Now,
    /// What an honest host would say now, oldest first.
    owed: VecDeque<Input>,
    /// How often each request was made and answered.
    requests: BTreeMap<RequestId, (u32, u32)>,
    /// Those that hear of the last commits.
    removals: BTreeSet<RequestId>,
    last_commit: Option<TxnId>,
}

impl Host {
    pub(super) fn new(params: ValidParameters, seed: u64) -> Self {
        let machine = Machine::new(params, seed_of(seed));
        let now = Now { wall: WallTime::from_unix_ms(1_700_000_000_000), ..Now::default() };
        let mut host = Self {
            machine,
            now,
            owed: VecDeque::new(),
            requests: BTreeMap::new(),
            removals: BTreeSet::new(),
            last_commit: None,
        };
        host.listen();
        host
    }

    /// The name of the next request; one that was used before if `again`.
    pub(super) fn next_request(&self, again: bool) -> RequestId {
        let used = self.requests.len() as u64;
        RequestId(if again { used / 2 } else { used })
    }

    /// Says something, true or not.
    pub(super) fn say(&mut self, input: Input) {
        if let Input::Register { request, .. }
        | Input::GetTags { request, .. }
        | Input::Cancel { request, .. }
        | Input::Periodic(PeriodicInput::Register { request, .. } | PeriodicInput::Unregister { request, .. }) =
            &input
        {
            self.requests.entry(*request).or_default().0 += 1;
        }
        if let Some(request) = input.removal_request() {
            self.requests.entry(request).or_default().0 += 1;
            self.removals.insert(request);
        }
        self.handle(input);
        for _ in 0..TICKS_AT_ONCE {
            match self.machine.next_deadline() {
                Some(at) if at <= self.now.monotonic => self.handle(Input::Tick),
                Some(_) | None => return,
            }
        }
        panic!("I8: {TICKS_AT_ONCE} ticks at {:?} did not end the deadline", self.now);
    }

    /// Does the oldest thing it owes.
    pub(super) fn keep_word(&mut self) {
        if let Some(owed) = self.owed.pop_front() {
            self.say(owed);
        }
    }

    /// Never does it.
    pub(super) fn break_word(&mut self) {
        self.owed.pop_front();
    }

    /// Does everything it owes, and what follows from that, within reason.
    pub(super) fn keep_all(&mut self) {
        for _ in 0..200 {
            let Some(owed) = self.owed.pop_front() else { return };
            self.say(owed);
        }
    }

    pub(super) fn pass(&mut self, time: Duration) {
        self.now = Now { monotonic: self.now.monotonic.after(time), wall: self.now.wall.after(time) };
        self.say(Input::Tick);
    }

    pub(super) fn pass_to_deadline(&mut self) {
        if let Some(at) = self.machine.next_deadline() {
            self.pass(at.since(self.now.monotonic));
        }
    }

    pub(super) fn set_wall_clock(&mut self, wall: WallTime) {
        self.now.wall = wall;
    }

    /// Sets the clock that never goes back, even back.
    pub(super) fn set_monotonic_clock(&mut self, monotonic: MonotonicTime) {
        self.handle(Input::Tick);
        let latest = self.now.monotonic;
        self.now.monotonic = monotonic;
        self.handle(Input::Tick);
        self.now.monotonic = self.now.monotonic.max(latest);
    }

    /// I7: everybody is answered, whatever becomes of the last commits; then the machine comes to rest.
    pub(super) fn shut_down(mut self) {
        self.say(Input::Shutdown);
        self.are_answered(|request| !self.removals.contains(&request));
        for _ in 0..LAST_COMMITS {
            if let Some(txn) = self.last_commit.take() {
                self.say(Input::Committed { txn });
            }
        }
        // Whether something is durably gone was known only now.
        self.are_answered(|_| true);
        assert!(self.machine.is_stopped(), "nothing is left to be done and it has not stopped");
        assert_eq!(self.machine.next_deadline(), None, "it has stopped and waits for something");
    }

    fn are_answered(&self, which: impl Fn(RequestId) -> bool) {
        for (request, (made, answered)) in self.requests.iter().filter(|(request, _)| which(**request)) {
            assert!(*made > 1 || made == answered, "I7: {request:?} has {answered} replies");
        }
    }

    fn handle(&mut self, input: Input) {
        self.machine.handle(self.now, input);
        self.listen();
        if let Err(broken) = self.machine.check_invariants() {
            panic!("{broken}");
        }
    }

    fn listen(&mut self) {
        while let Some(output) = self.machine.poll_output() {
            if let Output::Reply { request, .. } = &output {
                let (made, answered) = self.requests.entry(*request).or_default();
                *answered += 1;
                assert!(*answered <= *made, "I7: {request:?} is answered too often");
            }
            if let Output::Commit { txn, .. } | Output::Rewrite { txn, .. } = &output {
                self.last_commit = Some(*txn);
            }
            self.owed.extend(honest_answer(output));
        }
    }
}

/// What a host says that does as it is told.
fn honest_answer(output: Output) -> Option<Input> {
    let facts = Facts { permission: PermissionState::Granted, ..Facts::of_an_open_window() };
    let network = NetworkState::online();
    match output {
        Output::Load => Some(Input::Loaded(Loaded::default())),
        Output::Reply { request, .. } => Some(Input::ReplyDelivered { request }),
        Output::Start { attempt, .. } => Some(Input::Ready { attempt, facts, network }),
        Output::Dispatch { attempt, .. } => Some(Input::Finished { attempt, outcome: Outcome::Rejected }),
        Output::Terminate { attempt, .. } => Some(Input::Finished { attempt, outcome: Outcome::Terminated }),
        Output::Commit { txn, .. } | Output::Rewrite { txn, .. } => Some(Input::Committed { txn }),
        Output::AskNetwork { origin } => {
            Some(Input::NetworkChanged { subject: NetworkSubject::Origin(origin), state: network, epoch: u64::MAX })
        }
        Output::AskUser { attempt, .. } => Some(Input::Answered { attempt, yes: true }),
        Output::Abandon { .. }
        | Output::ArmWakeUp(_)
        | Output::WakeDone { .. }
        | Output::KeepAlive(_)
        | Output::Event(_) => None,
    }
}
