//! What can be looked at.

use background_sync::Machine;
use background_sync::policy::RegistrationKey;
use background_sync::registration::Now;

use super::{Clock, Heard, Record, Store, Surroundings, Tally, Trace, Trouble, World};

impl World {
    /// Both clocks.
    #[must_use]
    pub fn now(&self) -> Now {
        self.clock.now()
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The machine; `None` while the process is down.
    #[must_use]
    pub fn machine(&self) -> Option<&Machine> {
        self.process.machine()
    }

    /// What is true around it.
    #[must_use]
    pub fn surroundings(&self) -> &Surroundings {
        &self.around
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What the machine did.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    pub(crate) fn record_mut(&mut self) -> &mut Record {
        &mut self.record
    }

    /// Everything that happened.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    pub(crate) fn into_trace(self) -> Trace {
        self.trace
    }

    /// What the machine said and showed, if that was kept.
    #[must_use]
    pub fn heard(&self) -> &Heard {
        &self.watch.heard
    }

    /// How many events run, as the host counts.
    #[must_use]
    pub fn running_events(&self) -> usize {
        self.workers.attempts.values().filter(|attempt| attempt.event.is_some()).count()
    }

    /// The key behind a worker's name.
    ///
    /// # Errors
    /// When there is no such worker.
    pub fn key(&self, name: &str) -> Result<RegistrationKey, Trouble> {
        self.around.key(name)
    }

    /// How often what happened, and how often it changed something: inputs, and steps.
    #[must_use]
    pub fn tallies(&self) -> (&Tally, &Tally) {
        (&self.watch.inputs, &self.watch.steps)
    }
}
