use std::time::Duration;

use background_sync::Machine;
use background_sync::policy::RegistrationKey;
use background_sync::registration::{MonotonicTime, WallTime};

use crate::timeline::Time;
use crate::world::{Record, Trouble, World};

/// Whoever plays a timeline: what its expectations are compared with.
pub trait Witness {
    /// What was recorded.
    fn record(&self) -> &Record;

    /// The same, for expectations that take what they find.
    fn record_mut(&mut self) -> &mut Record;

    /// The machine, unless its process has ended.
    fn machine(&self) -> Option<&Machine>;

    /// The key behind a name: of its present life, or its last one.
    ///
    /// # Errors
    /// When the timeline declared no such worker.
    fn key(&self, name: &str) -> Result<RegistrationKey, Trouble>;

    /// What the timeline calls a key; earlier lives keep their name.
    fn name<'a>(&'a self, key: &'a RegistrationKey) -> &'a str;

    /// How many registrations the store holds.
    ///
    /// # Errors
    /// When the store can't be looked into.
    fn stored(&self) -> Result<u64, Trouble>;

    /// How many events run.
    fn running_events(&self) -> u64;

    /// The moment since the start at which the monotonic clock shows `at`.
    fn moment_of(&self, at: MonotonicTime) -> Duration;

    /// The moment since the start at which the wall clock shows `wall`; zero for one before.
    fn moment_of_wall(&self, wall: WallTime) -> Time;
}

impl Witness for World {
    fn record(&self) -> &Record {
        self.record()
    }

    fn record_mut(&mut self) -> &mut Record {
        self.record_mut()
    }

    fn machine(&self) -> Option<&Machine> {
        self.machine()
    }

    fn key(&self, name: &str) -> Result<RegistrationKey, Trouble> {
        self.key(name)
    }

    fn name<'a>(&'a self, key: &'a RegistrationKey) -> &'a str {
        self.surroundings().name(key)
    }

    fn stored(&self) -> Result<u64, Trouble> {
        Ok(self.store().registrations().len() as u64)
    }

    fn running_events(&self) -> u64 {
        self.running_events() as u64
    }

    fn moment_of(&self, at: MonotonicTime) -> Duration {
        self.clock().moment_of(at)
    }

    fn moment_of_wall(&self, wall: WallTime) -> Time {
        self.clock().moment_of_wall(wall)
    }
}
