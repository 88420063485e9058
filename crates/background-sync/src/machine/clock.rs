use std::time::Duration;

use background_sync_registration::{MonotonicTime, Now, Observed, WallTime};

use super::Machine;

/// Clocks that differ by more than this have come apart.
const DIVERGENCE: Duration = Duration::from_secs(2);

/// Readings are taken for no later than this: a thousand years.
pub(super) const LATEST: MonotonicTime = MonotonicTime::from_start(Duration::from_secs(1_000 * 365 * 86_400));

/// The two clocks of the last input, and how they are meant to go together.
#[derive(Debug, Default)]
pub(super) struct Clock {
    now: Now,
    started: bool,
    /// Both clocks when they were last taken to agree.
    agreed: Now,
    /// Running time of the profile at `running_since`.
    running: Duration,
    running_since: MonotonicTime,
}

impl Clock {
    /// Takes a reading. `true` when the clocks have come apart since they last agreed.
    fn advance(&mut self, reading: Now) -> bool {
        if !self.started {
            self.started = true;
            self.agreed = reading;
            self.running_since = reading.monotonic.min(LATEST);
        }
        // Later than any engine runs, and early enough that every deadline can lie after it.
        let monotonic = reading.monotonic.min(LATEST).max(self.now.monotonic);
        self.now = Now { monotonic, wall: reading.wall };
        let ran = i128::try_from(self.now.monotonic.since(self.agreed.monotonic).as_millis()).unwrap_or(i128::MAX);
        let passed = i128::from(self.now.wall.unix_ms()) - i128::from(self.agreed.wall.unix_ms());
        let apart = (passed - ran).unsigned_abs() > DIVERGENCE.as_millis();
        if apart {
            self.agreed = self.now;
        }
        apart
    }

    pub(super) fn now(&self) -> Now {
        self.now
    }

    pub(super) fn running(&self) -> Duration {
        self.running.saturating_add(self.now.monotonic.since(self.running_since))
    }

    pub(super) fn resume_running(&mut self, before: Duration) {
        self.running = before.saturating_add(self.running());
        self.running_since = self.now.monotonic;
    }
}

impl Machine {
    pub(super) fn advance_clock(&mut self, reading: Now) {
        if self.clock.advance(reading) {
            self.realign_waits();
        }
    }

    /// Takes all waits from the wall clock again. The one thing that looks at every registration.
    pub(super) fn realign_waits(&mut self) {
        let now = self.clock.now();
        let all: Vec<_> = self
            .workers
            .iter()
            .flat_map(|(ix, worker)| worker.list.iter().map(|registration| (*ix, registration.sequence())))
            .collect();
        for (ix, sequence) in all {
            if let Some(registration) =
                self.workers.get_mut(&ix).and_then(|worker| worker.list.get_by_sequence_mut(sequence))
            {
                registration.realign(now);
            }
            self.place(ix, sequence);
        }
        for ix in self.origins.keys().copied().collect::<Vec<_>>() {
            self.recheck_origin(ix);
        }
    }

    pub(super) fn now(&self) -> Now {
        self.clock.now()
    }

    pub(super) fn monotonic(&self) -> MonotonicTime {
        self.clock.now().monotonic
    }

    pub(super) fn wall(&self) -> WallTime {
        self.clock.now().wall
    }

    pub(super) fn observed(&self) -> Observed {
        Observed { wall: self.wall(), running: self.clock.running() }
    }
}
