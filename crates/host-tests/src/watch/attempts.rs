use std::collections::BTreeMap;

use background_sync::policy::RegistrationKey;
use background_sync::{AttemptId, Input, Outcome, Output};

use crate::findings::Findings;
use crate::truth::Truth;
use crate::{Behaviour, Rule};

/// Starts and events that the engine was given and has not ended.
#[derive(Debug, Default)]
pub(super) struct Attempts(BTreeMap<AttemptId, Attempt>);

#[derive(Debug)]
struct Attempt {
    key: RegistrationKey,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Starting,
    /// The engine waits for the machine.
    Ready,
    /// The event runs, in a worker that does this with it.
    Running(Behaviour),
    Terminated,
}

impl Attempts {
    pub(super) fn see(&mut self, output: &Output, truth: &Truth) {
        match output {
            Output::Start { attempt, key, kind: _ } => {
                self.0.insert(*attempt, Attempt { key: key.clone(), phase: Phase::Starting });
            }
            Output::Dispatch { attempt, .. } => {
                if let Some(attempt) = self.0.get_mut(attempt) {
                    attempt.phase = Phase::Running(truth.behaviour(&attempt.key));
                }
            }
            Output::Terminate { attempt, .. } => self.turn(*attempt, Phase::Terminated),
            Output::Abandon { attempt } => drop(self.0.remove(attempt)),
            Output::Load
            | Output::Reply { .. }
            | Output::Commit { .. }
            | Output::Rewrite { .. }
            | Output::AskNetwork { .. }
            | Output::AskUser { .. }
            | Output::ArmWakeUp(_)
            | Output::WakeDone { .. }
            | Output::KeepAlive(_)
            | Output::Event(_) => {}
        }
    }

    pub(super) fn hear(&mut self, input: &Input, findings: &mut Findings) {
        match input {
            Input::Ready { attempt, .. } => self.turn(*attempt, Phase::Ready),
            Input::NotStarted { attempt, .. } => drop(self.0.remove(attempt)),
            Input::Finished { attempt, outcome } => {
                let Some(Attempt { phase: Phase::Running(behaviour), .. }) = self.0.remove(attempt) else { return };
                if !fits(behaviour, *outcome) {
                    findings.add(Rule::OutcomeWrong, format!("a worker that {behaviour:?} ended as {outcome:?}"));
                }
            }
            _ => {}
        }
    }

    pub(super) fn at_rest(&self, findings: &mut Findings) {
        for Attempt { key, phase } in self.0.values() {
            let scope = key.scope();
            match phase {
                Phase::Starting => findings.add(Rule::StartUnused, format!("the start of {scope} has no end")),
                Phase::Ready | Phase::Running(Behaviour::Hangs) => {}
                Phase::Running(_) => findings.add(Rule::EventUnused, format!("the event of {scope} has no end")),
                Phase::Terminated => findings.add(Rule::TerminateIgnored, format!("the event of {scope} goes on")),
            }
        }
    }

    fn turn(&mut self, attempt: AttemptId, phase: Phase) {
        if let Some(attempt) = self.0.get_mut(&attempt) {
            attempt.phase = phase;
        }
    }
}

/// An engine may always say that it wants to run the event later.
fn fits(behaviour: Behaviour, outcome: Outcome) -> bool {
    match outcome {
        Outcome::Deferred(_) => true,
        Outcome::Fulfilled => behaviour == Behaviour::Fulfils,
        Outcome::Rejected => behaviour == Behaviour::Rejects,
        Outcome::Terminated => behaviour == Behaviour::Hangs,
        Outcome::Crashed => matches!(behaviour, Behaviour::Crashes | Behaviour::Hangs),
    }
}
