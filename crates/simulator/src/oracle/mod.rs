//! Watches inputs and outputs, and nothing else, and says what must not be.
//!
//! It is a naive second account of the specification and of the invariants I1 to I14: lists are plain
//! maps, nothing is clever. It knows the machine only by what goes in and what comes out, so it watches
//! any implementation of the same inputs and outputs. Where what may be seen depends on the order of two
//! things at the same moment it takes both for right, and says so.

mod attempts;
mod background;
mod durable;
mod model;
mod requests;
mod told;

use background_sync::policy::{PermissionState, UserSwitch};
use background_sync::registration::{Now, StoredRegistration};
use background_sync::scheduler::ValidParameters;
use background_sync::{Input, Machine, Output};

use crate::world::Trouble;
use attempts::Attempts;
use background::{Background, Dispatched};
use durable::{Carries, Durable};
use model::Model;
use requests::Requests;
use told::Told;

/// What the machine was told and said so far. See the [module](self).
#[derive(Clone, Debug)]
pub struct Oracle {
    parameters: ValidParameters,
    told: Told,
    model: Model,
    requests: Requests,
    attempts: Attempts,
    durable: Durable,
    background: Background,
    last_now: Now,
}

/// Clocks that come apart by more than this between two inputs were set, or slept.
const APART: std::time::Duration = std::time::Duration::from_secs(1);

/// The result of a look.
pub(crate) type Verdict = Result<(), Trouble>;

/// A broken invariant.
pub(crate) fn broken(invariant: &'static str, what: impl Into<String>) -> Verdict {
    Err(Trouble::Broken { invariant, what: what.into() })
}

impl Oracle {
    /// Before anything happened.
    #[must_use]
    pub fn new(parameters: ValidParameters) -> Self {
        Self {
            parameters,
            told: Told::default(),
            model: Model::starting(),
            requests: Requests::default(),
            attempts: Attempts::default(),
            durable: Durable::default(),
            background: Background::default(),
            last_now: Now::default(),
        }
    }

    /// One input and everything the machine said to it.
    ///
    /// # Errors
    /// The first thing that must not be.
    pub fn observe(&mut self, now: Now, input: &Input, outputs: &[Output]) -> Result<(), Trouble> {
        self.compare_clocks(now);
        self.hear(now, input)?;
        // A termination decides its event, whatever else is said about it in the same breath.
        let (ends, rest): (Vec<_>, Vec<_>) =
            outputs.iter().partition(|output| matches!(output, Output::Terminate { .. }));
        ends.into_iter().chain(rest).try_for_each(|output| self.see(now, output))?;
        self.told.after(input);
        self.attempts.none_past_its_cap(now, &self.parameters, &self.told)?;
        self.background.within_the_day(now, &self.parameters)
    }

    /// The process died; this is what its store holds.
    ///
    /// # Errors
    /// What should be in it and is not.
    pub fn process_died(&mut self, stored: &[StoredRegistration]) -> Result<(), Trouble> {
        self.model.restart(stored)?;
        self.background.died();
        self.durable.restart(stored);
        self.requests = Requests::default();
        self.attempts = Attempts::default();
        self.told = Told::default();
        Ok(())
    }

    /// Nothing is on its way between host and machine.
    ///
    /// # Errors
    /// What should have happened by now (invariant I7).
    pub fn check_end(&self, machine: &Machine) -> Result<(), Trouble> {
        if self.told.is_loaded() || machine.is_stopped() {
            self.requests.all_answered()?;
        }
        if machine.is_stopped() { self.attempts.all_ended() } else { Ok(()) }
    }

    fn hear(&mut self, now: Now, input: &Input) -> Verdict {
        if let Input::Thawed = input {
            let stood_still = self.told.frozen_for(now);
            self.attempts.postpone(stood_still);
            self.background.postpone(stood_still);
        }
        if let Input::PartitionClosed { partition } = input
            && partition.is_private()
        {
            self.background.closed(*partition);
        }
        self.told.hear(now, input);
        self.requests.hear(now, input);
        if self.told.stopping()
            && !matches!(
                input,
                Input::Shutdown | Input::Committed { .. } | Input::CommitFailed { .. } | Input::ContentsLost { .. }
            )
        {
            return Ok(());
        }
        match input {
            Input::Register { request, key, tag, asked_by, .. } => self.model.asked(now, *request, key, tag, *asked_by),
            Input::Loaded(loaded) => self.model.loaded(loaded),
            Input::Committed { txn } => self.durable.committed(*txn),
            Input::CommitFailed { txn } | Input::ContentsLost { txn } => self.durable.failed(*txn),
            Input::Ready { attempt, facts, network } => {
                if let Some(key) = self.attempts.ready(*attempt, *facts, network.clone()) {
                    self.told.windows_of(&key, facts.windows);
                    if facts.switch == UserSwitch::Off || facts.permission == PermissionState::Denied {
                        self.model.denied(&key);
                    }
                }
            }
            Input::NotStarted { attempt, .. } => self.attempts.not_started(*attempt),
            Input::Finished { attempt, outcome } => {
                if let Some(running) = self.attempts.finished(now, *attempt) {
                    self.background.ended(*attempt, now);
                    self.model.settle(&running, (*outcome).into(), now);
                }
            }
            Input::ReplyDelivered { request } | Input::RequesterGone { request } => self.model.delivered(*request),
            // A link that comes up may end a wait early, a few times an hour.
            Input::NetworkChanged { .. } | Input::Slept | Input::Woke | Input::Thawed => {
                self.model.nothing_known_of_waits();
            }
            Input::Frozen | Input::Tick => {}
            other => self.removals(other),
        }
        Ok(())
    }

    fn compare_clocks(&mut self, now: Now) {
        let ran = now.monotonic.since(self.last_now.monotonic);
        let shown = now.wall.since(self.last_now.wall);
        if ran.abs_diff(shown) > APART {
            self.model.nothing_known_of_waits();
        }
        self.last_now = now;
    }

    /// Everything that takes registrations away without having kept them.
    fn removals(&mut self, input: &Input) {
        let gone = model::Removed::by(input);
        if let Some(gone) = gone {
            self.requests.disturbed(&gone);
            self.model.remove(&gone);
        }
    }

    fn see(&mut self, now: Now, output: &Output) -> Verdict {
        match output {
            Output::Reply { request, reply } => {
                let asked = self.requests.answered(*request, reply, &self.parameters)?;
                self.model.replied(now, *request, &asked, reply, &self.parameters)?;
                self.durable.acknowledged(&asked, reply, &self.model)
            }
            Output::Start { attempt, key } => self.attempts.started(now, *attempt, key, &self.parameters),
            Output::Dispatch { attempt, event, cap, background } => {
                let (key, started) = self.attempts.dispatched(now, *attempt, event, *cap, &self.told)?;
                self.durable.written(&key, event)?;
                self.model.dispatched(now, *attempt, &key, event, &self.parameters)?;
                let dispatched = Dispatched { attempt: *attempt, started, cap: *cap, background: *background };
                self.background.dispatched(now, &key, dispatched, &self.told)
            }
            Output::Abandon { attempt } => self.attempts.abandoned(*attempt),
            Output::Terminate { attempt, reason } => {
                if let Some(running) = self.attempts.terminated(now, *attempt)? {
                    self.background.ended(*attempt, now);
                    self.model.settle(&running, (*reason).into(), now);
                }
                Ok(())
            }
            Output::AskUser { attempt, key } => self.attempts.asking(now, *attempt, key),
            Output::Commit { txn, ops } => self.durable.commit(*txn, ops, Carries::Changes),
            Output::Rewrite { txn, ops } => self.durable.commit(*txn, ops, Carries::Everything),
            Output::Event(entry) => {
                self.told.of_a_closed_partition(entry.key.as_ref())?;
                self.model.logged(now, entry, &self.parameters)
            }
            Output::Load
            | Output::AskNetwork { .. }
            | Output::ArmWakeUp(_)
            | Output::WakeDone { .. }
            | Output::KeepAlive(_) => Ok(()),
        }
    }
}
