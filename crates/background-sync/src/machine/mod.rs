//! The machine: all decisions, no I/O, no clock, no threads.

mod asks;
mod attempts;
mod changes;
mod check;
mod clock;
mod commits;
mod dispatch;
mod journal;
mod lifecycle;
mod load;
mod log;
mod network;
mod place;
mod removal;
mod replies;
mod requests;
mod settle;
mod state;
mod timers;
mod turns;
mod view;
mod waiting;
mod wake;
mod why_not;

use std::collections::{BTreeMap, HashMap, VecDeque};

use background_sync_policy::{Origin, Partition, RegistrationKey, SystemRestriction, UserSwitch};
use background_sync_registration::{MonotonicTime, Now, Sequence, Tag};
use background_sync_scheduler::{Connectivity, DueQueue, Jitter, NetworkId, Rotation, ValidParameters};
use rustc_hash::FxHashMap;

use crate::{AttemptId, Input, Output, RequestId};
use clock::Clock;
use journal::Journal;
use log::Log;
use state::{Attempt, OriginIx, OriginState, Phase, Timer, Worker, WorkerIx};
pub use view::{RegistrationView, Stats, WhyNot};
use wake::Wake;

/// Web Background Synchronization as a state machine without I/O: the normative part of this crate.
///
/// Its methods are of three kinds:
/// * **input**: [`handle`](Self::handle), with the time at which the input happened, and
///   [`handle_more`](Self::handle_more) where several are at hand;
/// * **output**: [`poll_output`](Self::poll_output), called after every input until it gives `None`, and
///   [`next_deadline`](Self::next_deadline), the moment at which to send [`Input::Tick`];
/// * **views**: [`why_not`](Self::why_not), [`registrations`](Self::registrations),
///   [`log`](Self::log), [`stats`](Self::stats), [`next_wakeup`](Self::next_wakeup).
///
/// The same parameters, seed and inputs give the same outputs, bit for bit (invariant I14). No input
/// makes it panic (I9).
///
/// ```
/// use background_sync::{Input, Machine, Output, scheduler::SyncParameters, registration::Now};
///
/// let mut machine = Machine::new(SyncParameters::recommended(), 7);
/// assert_eq!(machine.poll_output(), Some(Output::Load));
/// machine.handle(Now::default(), Input::Loaded(Default::default()));
/// while let Some(output) = machine.poll_output() {
///     println!("{output:?}");
/// }
/// ```
#[derive(Debug)]
pub struct Machine {
    params: ValidParameters,
    jitter: Jitter,
    phase: Phase,
    clock: Clock,
    log: Log,
    outputs: VecDeque<Output>,
    journal: Journal,
    wake: Wake,
    stats: Stats,

    connectivity: Connectivity,
    /// The largest number of a notice about a network, whomever it was about.
    latest_notice: u64,
    /// Grows when the link comes up; what was registered before then is spread.
    link_epoch: u64,
    /// The last network that was up and had a name.
    last_network: Option<NetworkId>,
    network_secret: [u64; 2],
    general_switch: UserSwitch,
    /// What the operating system allows, as was last heard.
    restriction: SystemRestriction,
    /// Between `Slept` and `Woke`: nothing starts.
    asleep: bool,
    /// Between `Frozen` and `Thawed`: nothing starts, and caps stand still.
    frozen_at: Option<MonotonicTime>,

    workers: BTreeMap<WorkerIx, Worker>,
    worker_by_key: HashMap<RegistrationKey, WorkerIx>,
    origins: BTreeMap<OriginIx, OriginState>,
    /// By origin first, so that a notice about an origin finds it in every partition.
    origin_by_name: BTreeMap<(Origin, Partition), OriginIx>,
    /// Includes attempts of registrations that are gone: their events still run.
    attempts: BTreeMap<AttemptId, Attempt>,
    /// Where the registration is that a reply was about, until the reply is delivered.
    undelivered: FxHashMap<RequestId, (WorkerIx, Tag)>,

    rotation: Rotation<OriginIx>,
    /// Ends of waits, by registration.
    waits: DueQueue<(WorkerIx, Sequence)>,
    /// Moments at which registrations expire.
    expiries: DueQueue<(WorkerIx, Sequence)>,
    timers: DueQueue<Timer>,

    registration_count: usize,
    /// Requests that wait for their turn, over all workers.
    queued_replies: usize,
    /// `Timer::Profile` is set.
    profile_timer: bool,
    next_sequence: Sequence,
    next_index: u64,
    next_attempt: u64,
}

impl Machine {
    /// A machine that wants its store read first. `seed` feeds all chance there is: an engine draws it
    /// from a good source, a test fixes it.
    #[must_use]
    pub fn new(params: ValidParameters, seed: u64) -> Self {
        let log = Log::new(&params);
        Self {
            params,
            jitter: Jitter::seeded(seed),
            phase: Phase::loading(),
            clock: Clock::default(),
            log,
            outputs: VecDeque::from([Output::Load]),
            journal: Journal::default(),
            wake: Wake::default(),
            stats: Stats::default(),
            connectivity: Connectivity::unknown(),
            latest_notice: 0,
            link_epoch: 1,
            last_network: None,
            network_secret: [0; 2],
            general_switch: UserSwitch::On,
            restriction: SystemRestriction::None,
            asleep: false,
            frozen_at: None,
            workers: BTreeMap::new(),
            worker_by_key: HashMap::new(),
            origins: BTreeMap::new(),
            origin_by_name: BTreeMap::new(),
            attempts: BTreeMap::new(),
            undelivered: FxHashMap::default(),
            rotation: Rotation::default(),
            waits: DueQueue::default(),
            expiries: DueQueue::default(),
            timers: DueQueue::default(),
            registration_count: 0,
            queued_replies: 0,
            profile_timer: false,
            next_sequence: Sequence(1),
            next_index: 1,
            next_attempt: 1,
        }
    }

    /// Takes one input. Never blocks, never fails, and calls nobody back.
    ///
    /// Time may stand still between inputs; if `now.monotonic` goes back, the latest one seen counts.
    pub fn handle(&mut self, now: Now, input: Input) {
        self.take_in(now, input);
        self.flush_if_due();
        self.update_outside();
    }

    /// Takes one input while more are at hand. The same as [`handle`](Self::handle), but what has to be written
    /// waits for the next call of that, so that everything at hand shares one commit. A driver that has no more
    /// says so with [`Input::Tick`].
    pub fn handle_more(&mut self, now: Now, input: Input) {
        self.take_in(now, input);
        self.update_outside();
    }

    fn take_in(&mut self, now: Now, input: Input) {
        self.advance_clock(now);
        self.route(input);
        self.run_due_timers();
        self.take_turns();
    }

    fn update_outside(&mut self) {
        self.keep_alive_if_needed();
        self.update_wake_up();
        self.update_keep_alive();
    }

    /// The next thing the machine wants done. Call it after every input until it gives `None`.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to send [`Input::Tick`], if nothing else happens before.
    #[must_use]
    pub fn next_deadline(&self) -> Option<MonotonicTime> {
        if self.phase.is_stopped() {
            return None;
        }
        let deadlines = [
            self.waits.next_deadline(),
            self.expiries.next_deadline(),
            self.timers.next_deadline(),
            self.phase.retry_load_at(),
        ];
        // What the clock never reaches is no deadline.
        deadlines.into_iter().flatten().min().and_then(|at| self.as_read(at))
    }

    /// Whether the shutdown is complete: every request and attempt has its end, the store has its last
    /// commit.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.phase.is_stopped()
    }

    /// The parameters it runs with.
    #[must_use]
    pub fn parameters(&self) -> &ValidParameters {
        &self.params
    }

    fn is_restricted(&self) -> bool {
        match self.restriction {
            SystemRestriction::Restricted => true,
            SystemRestriction::None => false,
        }
    }

    fn is_suspended(&self) -> bool {
        self.asleep || self.frozen_at.is_some()
    }

    /// Now, as caps count it: while the process is frozen they stand still.
    fn cap_time(&self) -> MonotonicTime {
        self.frozen_at.unwrap_or(self.monotonic())
    }

    fn emit(&mut self, output: Output) {
        self.outputs.push_back(output);
    }
}
