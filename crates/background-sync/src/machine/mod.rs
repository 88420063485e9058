//! The machine: all decisions, no I/O, no clock, no threads.

mod check;
mod memory;
mod parts;
mod route;
mod steps;
mod view;
mod why_not;

use background_sync_registration::{MonotonicTime, Now};
use background_sync_scheduler::ValidParameters;

use crate::{Input, Output};
use parts::time::earlier;
use parts::{Attempts, Journal, Origins, Outbox, Phase, Places, Registry, Replies, Rules, Surroundings, Time, Wake};
pub use view::{RegistrationView, Stats, WhyNot};

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
/// let mut machine = Machine::new(SyncParameters::recommended(), [7; 32]);
/// assert_eq!(machine.poll_output(), Some(Output::Load));
/// machine.handle(Now::default(), Input::Loaded(Default::default()));
/// while let Some(output) = machine.poll_output() {
///     println!("{output:?}");
/// }
/// ```
#[derive(Debug)]
pub struct Machine {
    /// What was chosen, and what is drawn.
    rules: Rules,
    /// Now, and when something else than a registration is due.
    time: Time,
    /// Off, or loading, running, stopping.
    phase: Phase,
    /// The link, the general switch, the system's restriction.
    around: Surroundings,
    /// Workers, lists, and what is going on with each tag.
    registry: Registry,
    /// Where registrations wait.
    places: Places,
    /// Origins, their budgets, and whose turn it is.
    origins: Origins,
    /// Attempts from start to end.
    attempts: Attempts,
    /// Requests without a reply.
    replies: Replies,
    /// What has to be written.
    journal: Journal,
    /// What the device is woken for.
    wake: Wake,
    /// Outputs, log, counters.
    out: Outbox,
}

impl Machine {
    /// A machine that wants its store read first, or that is [switched off](background_sync_scheduler::SyncParameters::enabled)
    /// and wants nothing at all. `seed` feeds all chance there is, and in a new profile a secret is made
    /// of it: an engine draws every byte of it from the system's source of secrets, a test fixes it.
    #[must_use]
    pub fn new(params: ValidParameters, seed: [u8; 32]) -> Self {
        let phase = Phase::first(&params);
        let mut out = Outbox::new(&params);
        if phase.is_loading() {
            out.emit(Output::Load);
        }
        Self {
            rules: Rules::new(params, seed),
            time: Time::default(),
            phase,
            around: Surroundings::unknown(),
            registry: Registry::default(),
            places: Places::default(),
            origins: Origins::default(),
            attempts: Attempts::default(),
            replies: Replies::default(),
            journal: Journal::default(),
            wake: Wake::default(),
            out,
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
        #[cfg(feature = "periodic")]
        self.plan_periodic();
        self.take_turns();
    }

    fn update_outside(&mut self) {
        self.keep_alive_if_needed();
        self.update_wake_up();
        self.update_keep_alive();
    }

    /// The next thing the machine wants done. Call it after every input until it gives `None`.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.poll()
    }

    /// When to send [`Input::Tick`], if nothing else happens before.
    #[must_use]
    pub fn next_deadline(&self) -> Option<MonotonicTime> {
        if self.phase.is_stopped() {
            return None;
        }
        let of_registrations = earlier(self.places.next_wait(), self.next_expiry());
        let of_others = earlier(self.time.next_deadline(), self.phase.retry_load_at());
        // What the clock never reaches is no deadline.
        earlier(of_registrations, of_others).and_then(|at| self.time.as_read(at))
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
        self.rules.params()
    }
}
