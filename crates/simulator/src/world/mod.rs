//! A deterministic world around the machine: clock, network, windows, workers, store, user.
//!
//! [`World::apply`] makes one step of a timeline happen, [`World::advance_to`] lets time go on, and
//! everything in between follows. There is no chance in it: all chance is the machine's, from the seed.
//! After every input the machine's own invariants and those of the [`Oracle`] are checked.

mod agenda;
mod checks;
mod clock;
mod heard;
mod host;
mod in_parts;
mod periodic_steps;
mod process;
mod record;
mod shown;
mod steps;
mod store;
mod surroundings;
mod trace;
mod trouble;
mod watch;
mod workers;

use std::collections::VecDeque;
use std::time::Duration;

use background_sync::registration::MonotonicTime;
use background_sync::scheduler::{NetworkState, PowerState, ValidParameters};
use background_sync::{Input, Machine, Output, RequestId, WakeUp};
use background_sync_host_tests::Oracle;

use crate::timeline::{
    Notices, Removals, Replies, Step, Time, Timeline, UserAnswer, WakeUps, Woken, Word as _, WorkersKnown,
};
use agenda::Agenda;
pub use clock::Clock;
pub use heard::Heard;
use process::Process;
pub use record::{Dispatched, Logged, Record, Terminated};
pub use store::Store;
pub use surroundings::Surroundings;
pub(crate) use trace::adjective;
pub use trace::{Trace, TraceLine, Who};
pub use trouble::Trouble;
use watch::Watch;
pub use watch::{Care, Count, Keep, Tally};
use workers::Workers;

/// More inputs than this at one moment, and something feeds itself.
const MOST_INPUTS_AT_ONCE: u32 = 20_000;

/// The world. See the [module](self).
#[derive(Debug)]
pub struct World {
    parameters: ValidParameters,
    seed: u64,
    /// Chance has drawn what happens: some of it may do nothing.
    drawn: bool,
    process: Process,
    clock: Clock,
    around: Surroundings,
    workers: Workers,
    store: Store,
    agenda: Agenda,
    record: Record,
    trace: Trace,
    oracle: Oracle,
    watch: Watch,
    /// Inputs that happen while the process cannot take them.
    backlog: VecDeque<Input>,
    replies: Replies,
    notices: Notices,
    removals: Removals,
    when_workers_known: WorkersKnown,
    wake_ups: WakeUps,
    user: UserAnswer,
    last: LastSaid,
    /// What is still said about the process's life before.
    earlier: Vec<Input>,
    next_request: u64,
    network_epoch: u64,
    /// What was said of the power last.
    told_power: PowerState,
    inputs_at_once: u32,
    /// What the machine shows was compared after the last input.
    views_compared: bool,
    /// The host knows its service worker registrations.
    workers_known: bool,
    /// What the machine counts its attempts and commits from in this life.
    ids_from: u64,
    /// Which life of the process this is.
    session: u64,
}

/// What the host said last, for hosts that repeat themselves.
#[derive(Debug, Default)]
struct LastSaid {
    finished: Option<Input>,
    ready: Option<Input>,
    committed: Option<Input>,
    delivered: Option<Input>,
    loaded: Option<Input>,
}

impl World {
    /// The world at the start of a timeline: the process has just started and reads its store.
    ///
    /// # Errors
    /// When the timeline declares workers that cannot be.
    pub fn new<S>(timeline: &Timeline<S>) -> Result<Self, Trouble> {
        Self::watched(timeline, Care::default())
    }

    /// The same, looked at more or less closely.
    ///
    /// # Errors
    /// When the timeline declares workers that cannot be.
    pub fn watched<S>(timeline: &Timeline<S>, care: Care) -> Result<Self, Trouble> {
        let parameters = timeline.valid_parameters().map_err(|error| Trouble::Script(error.to_string()))?;
        let mut world = Self {
            oracle: Oracle::new(parameters.clone()),
            parameters,
            seed: timeline.seed,
            drawn: timeline.drawn,
            process: Process::Down,
            clock: Clock::default(),
            around: Surroundings::new(&timeline.workers)?,
            workers: Workers::default(),
            store: Store::default(),
            agenda: Agenda::default(),
            record: Record::default(),
            trace: Trace::default(),
            backlog: VecDeque::new(),
            watch: Watch::new(care),
            replies: Replies::default(),
            notices: Notices::default(),
            removals: Removals::default(),
            when_workers_known: WorkersKnown::default(),
            wake_ups: WakeUps::default(),
            user: UserAnswer::default(),
            last: LastSaid::default(),
            earlier: Vec::new(),
            next_request: 1,
            network_epoch: 0,
            told_power: PowerState::default(),
            inputs_at_once: 0,
            views_compared: false,
            workers_known: false,
            ids_from: 0,
            session: 0,
        };
        world.start_process()?;
        world.settle()?;
        Ok(world)
    }

    /// Lets time go on to a moment since the start, and everything happen that is due until then.
    ///
    /// # Errors
    /// The first thing that went wrong.
    pub fn advance_to(&mut self, at: Duration) -> Result<(), Trouble> {
        self.settle()?;
        while self.clock.elapsed() < at {
            let next = self.next_moment().map_or(at, |next| next.min(at));
            self.move_clock(next);
            self.settle()?;
        }
        Ok(())
    }

    fn move_clock(&mut self, at: Duration) {
        if at > self.clock.elapsed() {
            self.inputs_at_once = 0;
        }
        self.clock.advance_to(at);
    }

    /// Does everything that is due at this moment.
    pub(crate) fn settle(&mut self) -> Result<(), Trouble> {
        while self.is_awake() {
            let now = self.clock.monotonic();
            if let Some(due) = self.agenda.pop(now) {
                self.happen(due)?;
            } else if self.deadline().is_some_and(|deadline| deadline <= now) {
                self.tell(Input::Tick)?;
            } else if self.wakes_up_at().is_some_and(|at| at <= self.clock.elapsed()) {
                // It is used up by coming.
                self.record.wake_up = None;
                self.woken(&Woken { budget: Time::seconds(30) })?;
            } else {
                break;
            }
        }
        Ok(())
    }

    /// When something happens next, since the start; `None` when nothing will by itself.
    #[must_use]
    pub fn next_moment(&self) -> Option<Duration> {
        if !self.is_awake() {
            return None;
        }
        let next = [self.agenda.next(), self.deadline()].into_iter().flatten().min();
        // The far future is no moment: the clock would stand there for ever.
        let next = next.filter(|next| *next < MonotonicTime::FAR_FUTURE).map(|next| self.clock.moment_of(next));
        [next, self.wakes_up_at()].into_iter().flatten().min()
    }

    /// When the system wakes the engine, since the start: a while after the moment that was asked for.
    fn wakes_up_at(&self) -> Option<Duration> {
        const LATENCY: Duration = Duration::from_secs(1);
        let connected = match self.around.network {
            NetworkState::Unknown | NetworkState::Offline => false,
            NetworkState::Captive | NetworkState::Online { .. } => true,
        };
        let wake_up = match self.wake_ups {
            WakeUps::Never => None,
            WakeUps::Come => self.record.wake_up.filter(|wake_up| connected || !wake_up.network),
        }?;
        let from = if self.has_what_it_needs(&wake_up) { wake_up.earliest } else { wake_up.latest };
        let at = self.clock.moment_of_wall(from).0.saturating_add(LATENCY);
        Some(at.max(self.clock.elapsed()))
    }

    /// Whether what a wake-up needs besides a network is there. The system waits for it until the latest moment.
    fn has_what_it_needs(&self, wake_up: &WakeUp) -> bool {
        let (metered, roaming) = match self.around.network {
            NetworkState::Online { metered, roaming, network_id: _ } => (metered, roaming),
            NetworkState::Unknown | NetworkState::Offline | NetworkState::Captive => (false, false),
        };
        let PowerState { charging, battery_low } = self.around.power;
        (charging != Some(false) || !wake_up.charging)
            && (battery_low != Some(true) || !wake_up.battery_not_low)
            && !(metered && wake_up.unmetered)
            && !(roaming && wake_up.not_roaming)
    }

    fn deadline(&self) -> Option<MonotonicTime> {
        self.process.machine().and_then(Machine::next_deadline)
    }

    /// Whether the process can take anything now.
    fn is_awake(&self) -> bool {
        self.process.is_running() && !self.clock.is_asleep()
    }

    /// Tells the machine something, or keeps it until it can be told.
    fn tell(&mut self, input: Input) -> Result<(), Trouble> {
        if !self.is_awake() {
            if self.process.is_up() {
                self.backlog.push_back(input);
            }
            return Ok(());
        }
        self.feed(input)
    }

    /// Hands an input over and does what the machine says.
    fn feed(&mut self, input: Input) -> Result<(), Trouble> {
        if let Input::PowerChanged { state } = input {
            self.told_power = state;
        }
        let now = self.now();
        self.inputs_at_once += 1;
        self.views_compared = false;
        if self.inputs_at_once > MOST_INPUTS_AT_ONCE {
            let what = format!("{MOST_INPUTS_AT_ONCE} inputs at {}", Time(self.clock.elapsed()));
            return Err(Trouble::NeverSettles(what));
        }
        self.record.messages += 1;
        if self.watch.care.trace {
            self.trace.add(self.clock.elapsed(), Who::Host, trace::input(&input, &self.around));
        }
        let before = self.fingerprint();
        let Some(machine) = self.process.machine_mut() else {
            return Ok(());
        };
        machine.handle(now, input.clone());
        let outputs = self.take_outputs();
        self.watch.told(now, &input, &outputs)?;
        // When worlds were recorded, no host said that it knows its workers.
        if let (Some(machine), false) = (self.process.machine(), matches!(input, Input::WorkersKnown { .. })) {
            self.watch.heard.take(&outputs, machine);
        }
        if self.watch.care.tally {
            let after = self.fingerprint();
            self.watch.count_input(&input, before, after, &outputs);
        }
        let checked = self.process.machine().map_or(Ok(()), Machine::check_invariants);
        checked.map_err(|what| Trouble::Broken { invariant: "check", what })?;
        self.oracle.observe(now, &input, &outputs)?;
        self.oracle.gone_as_said(&outputs, || self.store.registrations())?;
        self.react_to_all(outputs)
    }

    /// What a process still had to say when it died is lost.
    fn react_to_all(&mut self, outputs: Vec<Output>) -> Result<(), Trouble> {
        if outputs.is_empty() {
            return Ok(());
        }
        let session = self.session;
        for output in outputs {
            if self.session == session {
                self.react(output)?;
            }
        }
        Ok(())
    }

    fn take_outputs(&mut self) -> Vec<Output> {
        let mut outputs = Vec::new();
        while let Some(output) = self.process.machine_mut().and_then(Machine::poll_output) {
            self.record.messages += 1;
            if self.watch.care.trace {
                self.trace.add(self.clock.elapsed(), Who::Machine, trace::output(&output, &self.around));
            }
            outputs.push(output);
        }
        outputs
    }

    fn fingerprint(&self) -> Option<u64> {
        self.process.machine().filter(|_| self.watch.care.tally).map(watch::fingerprint)
    }

    fn note(&mut self, what: impl FnOnce() -> String) {
        if self.watch.care.trace {
            self.trace.add(self.clock.elapsed(), Who::World, what());
        }
    }

    /// Makes a step happen and counts whether it changed something, if that is counted.
    pub(crate) fn apply_and_count(&mut self, step: &Step) -> Result<(), Trouble> {
        self.watch.before_step();
        self.apply(step)?;
        if self.watch.care.tally {
            self.watch.count_step(step.word());
        }
        Ok(())
    }

    /// Something was to happen, and there is nothing for it to happen to.
    fn nothing_to(&mut self, what: String) -> Result<(), Trouble> {
        if self.drawn {
            self.note(|| what);
            return Ok(());
        }
        Err(Trouble::Script(what))
    }

    /// What workers were told for events that never came, and the step that told them, by its number among those that
    /// did.
    #[must_use]
    pub(crate) fn unused(&self) -> Option<(usize, String)> {
        self.workers.unused().filter(|_| !self.drawn)
    }

    fn new_request(&mut self, name: Option<&String>) -> RequestId {
        let request = RequestId(self.next_request);
        self.next_request += 1;
        if let Some(name) = name {
            self.record.requests.insert(name.clone(), request);
        }
        request
    }

    /// The request of an input that takes registrations away, if the host wants to hear of it.
    fn removal_request(&mut self, name: Option<&String>) -> Option<RequestId> {
        (name.is_some() || self.removals == Removals::Asked).then(|| self.new_request(name))
    }
}
