//! What a timeline expects of background sync, compared with what this engine saw.

use std::time::Duration;

use background_sync::Machine;
use background_sync::policy::{Incarnation, RegistrationKey};
use background_sync::registration::{MonotonicTime, WallTime};
use background_sync_simulator::runner::{Witness, written};
use background_sync_simulator::timeline::{
    Expectation, Expected, Time, Timeline, Word as _, WorkerCondition, WorkerDeclaration,
};
use background_sync_simulator::world::{Record, Trouble};

use super::{Engine, EngineError, EngineStep, Mismatch};

/// What makes no sense in a timeline with real pages though it reads well: the line, and what to do.
/// Lines are 0 for what is said before the first step.
///
/// # Errors
/// The first such thing.
pub fn refuse(timeline: &Timeline<EngineStep>) -> Result<(), (usize, String)> {
    for worker in &timeline.workers {
        if worker.state != WorkerCondition::default() {
            let message = format!(
                "worker `{}`: here [[worker]] only gives a name to a scope; what it has comes from its script, \
                 so leave `state` out",
                worker.name
            );
            return Err((0, message));
        }
    }
    for step in &timeline.steps {
        for Expected { what: expectation, place } in &step.expect {
            if let Some(instead) = instead_of(expectation) {
                let message = format!("`expect.{}` can't be looked at with real pages; {instead}", expectation.word());
                return Err((place.line, message));
            }
        }
        for act in &step.acts {
            if let EngineStep::Run(run) = act {
                run.make_sense().map_err(|message| (step.line, message))?;
            }
            if let EngineStep::Limits(limits) = act {
                limits.make_sense().map_err(|message| (step.line, message))?;
            }
        }
    }
    Ok(())
}

/// What to use in place of an expectation that makes no sense here.
fn instead_of(expectation: &Expectation) -> Option<&'static str> {
    match expectation {
        Expectation::Reply(_) => Some("use `run` with `gives` or `fails`"),
        Expectation::Stored(_) => Some("restart with `process = \"close\"` and expect `registration`"),
        Expectation::Asked(_) => Some("this engine asks nobody about networks"),
        Expectation::WakeDone(_) => Some("this engine is never woken by a system; expect `wake_up`"),
        Expectation::Event(_)
        | Expectation::NoEvent(_)
        | Expectation::Events(_)
        | Expectation::Starts(_)
        | Expectation::Registered(_)
        | Expectation::Registration(_)
        | Expectation::WhyNot(_)
        | Expectation::Log(_)
        | Expectation::NoLog(_)
        | Expectation::LogEntries(_)
        | Expectation::Commits(_)
        | Expectation::StoreOps(_)
        | Expectation::WakeUp(_)
        | Expectation::Terminate(_)
        | Expectation::Abandoned(_)
        | Expectation::Running(_)
        | Expectation::KeepAlive(_) => None,
    }
}

fn declared<'a>(workers: &'a [WorkerDeclaration], name: &str) -> Result<&'a WorkerDeclaration, String> {
    workers.iter().find(|worker| worker.name == name).ok_or_else(|| {
        let known: Vec<_> = workers.iter().map(|worker| worker.name.as_str()).collect();
        match known.as_slice() {
            [] => format!("there is no worker `{name}`; give its scope a name with [[worker]]"),
            known => format!("there is no worker `{name}`; there are {}", known.join(", ")),
        }
    })
}

impl Engine {
    /// Compares with what a step expects of background sync.
    pub(super) fn check_expectations(&mut self, expected: &[Expected]) -> Result<Vec<Mismatch>, EngineError> {
        (self.record.commits, self.record.store_ops) = self.store.counts();
        (self.record.wake_up, self.record.keep_alive) = {
            let mirror = self.mirror.borrow();
            (mirror.wake_up, mirror.keep_alive)
        };
        let mut checker = std::mem::take(&mut self.checker);
        let mut mismatches = Vec::new();
        for Expected { what: expectation, .. } in expected {
            let found = checker.check(self, expectation).map_err(|trouble| EngineError::Step(trouble.to_string()))?;
            if let Err(found) = found {
                mismatches.push(Mismatch { expected: format!("expect.{}", written(expectation)), found });
            }
        }
        self.checker = checker;
        Ok(mismatches)
    }
}

impl Witness for Engine {
    fn record(&self) -> &Record {
        &self.record
    }

    fn record_mut(&mut self) -> &mut Record {
        &mut self.record
    }

    fn machine(&self) -> Option<&Machine> {
        Some(self.driver.machine())
    }

    /// A worker that was never registered has a key too, which nothing goes by.
    fn key(&self, name: &str) -> Result<RegistrationKey, Trouble> {
        let declaration = declared(&self.declared, name).map_err(Trouble::Script)?;
        let unused = declaration.key(Incarnation(0)).map_err(Trouble::Script)?;
        let found = self.registrations.find(&super::Home::of(&unused), unused.scope().as_str());
        let last = || {
            let same = |key: &&RegistrationKey| key.partition() == unused.partition() && key.scope() == unused.scope();
            let logged = self.record.log.iter().rev().filter_map(|line| line.entry.key.as_ref());
            logged.into_iter().find(same).cloned()
        };
        Ok(found.map(|registration| registration.key.clone()).or_else(last).unwrap_or(unused))
    }

    fn name<'a>(&'a self, key: &'a RegistrationKey) -> &'a str {
        let meant = |worker: &&WorkerDeclaration| {
            worker.partition.0 == key.partition()
                && worker.key(Incarnation(0)).is_ok_and(|declared| declared.scope() == key.scope())
        };
        self.declared.iter().find(meant).map_or_else(|| key.scope().as_str(), |worker| &worker.name)
    }

    fn stored(&self) -> Result<u64, Trouble> {
        Err(Trouble::Script("the store of an engine with real pages can't be looked into".to_owned()))
    }

    fn running_events(&self) -> u64 {
        self.events_running() as u64
    }

    fn moment_of(&self, at: MonotonicTime) -> Duration {
        self.clock.moment_of(at)
    }

    fn moment_of_wall(&self, wall: WallTime) -> Time {
        self.clock.moment_of_wall(wall)
    }
}
