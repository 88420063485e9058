//! What passed between a driver and its machine, and what is still to come.

mod attempts;
mod calls;
mod lives;

use background_sync::policy::{RegistrationKey, WorkerState};
use background_sync::registration::{MonotonicTime, Now, StoredRegistration};
use background_sync::scheduler::ValidParameters;
use background_sync::{Input, Machine, Output};

use crate::findings::Findings;
use crate::truth::Truth;
use crate::{Broken, Rule};
use attempts::Attempts;
pub(crate) use calls::Calls;
use lives::Lives;

/// Everything that is seen of an engine in one scenario.
pub(crate) struct Watch {
    pub(crate) truth: Truth,
    pub(crate) findings: Findings,
    pub(crate) calls: Calls,
    /// What the engine's monotonic clock showed last.
    pub(crate) latest: MonotonicTime,
    attempts: Attempts,
    lives: Lives,
    heard: Vec<Input>,
    /// Grows with everything that may give somebody something to do.
    happened: u64,
}

impl Watch {
    pub(crate) fn new(parameters: ValidParameters) -> Self {
        Self {
            truth: Truth::new(),
            findings: Findings::default(),
            calls: Calls::default(),
            latest: MonotonicTime::ZERO,
            attempts: Attempts::default(),
            lives: Lives::new(parameters),
            heard: Vec::new(),
            happened: 0,
        }
    }

    /// What the tap shows.
    pub(crate) fn see(
        &mut self,
        now: Now,
        input: &Input,
        outputs: &[Output],
        stored: impl Fn() -> Vec<StoredRegistration>,
    ) {
        if !matches!(input, Input::Tick) || !outputs.is_empty() {
            self.something_happened();
        }
        let verdict = self.lives.see(now, input, outputs, stored);
        self.verdict(verdict);
        self.attempts.hear(input, &mut self.findings);
        self.calls.hear(input, &mut self.findings);
        for output in outputs {
            self.attempts.see(output, &self.truth);
        }
        self.calls.see(outputs, &mut self.findings);
        self.heard.push(input.clone());
    }

    pub(crate) fn something_happened(&mut self) {
        self.happened += 1;
    }

    pub(crate) const fn happened(&self) -> u64 {
        self.happened
    }

    /// Whether the machine was told so since [`Self::forget_heard`].
    pub(crate) fn has_heard(&self, of: impl Fn(&Input) -> bool) -> bool {
        self.heard.iter().any(of)
    }

    pub(crate) fn forget_heard(&mut self) {
        self.heard.clear();
    }

    /// Engine and driver are at rest: whatever was asked of the engine is done.
    /// `waits` tells that the store keeps it from being all done.
    pub(crate) fn at_rest(&mut self, machine: &Machine, waits: bool) {
        self.attempts.at_rest(&mut self.findings);
        self.calls.at_rest(&mut self.findings);
        let verdict = self.lives.at_rest(machine, waits);
        self.verdict(verdict);
    }

    /// The machine is not there any more, and everything that lived in its process.
    pub(crate) fn process_died(&mut self) {
        self.truth.process_died();
        self.attempts = Attempts::default();
        self.calls = Calls::default();
        self.lives.process_died();
        self.forget_heard();
    }

    /// What `state` answered.
    pub(crate) fn compare_worker(&mut self, key: &RegistrationKey, state: WorkerState) {
        if self.truth.installed.contains(key) && state == WorkerState::NoSuchRegistration {
            let what = format!("it says that there is no {}", key.scope());
            self.findings.add(Rule::RegistrationDenied, what);
        }
        if self.truth.unregistered.contains(key) && state != WorkerState::NoSuchRegistration {
            let what = format!("{} was unregistered, and it says {state:?}", key.scope());
            self.findings.add(Rule::RegistrationFollows, what);
        }
    }

    fn verdict(&mut self, verdict: Result<(), Broken>) {
        if let Err(Broken { invariant, what }) = verdict {
            self.findings.add(Rule::Invariant(invariant), what);
        }
    }
}
