//! Two clocks, and what becomes of one that goes astray.

#[cfg(test)]
mod tests;

use std::time::Duration;

use background_sync_registration::{MonotonicTime, Now, Observed};

/// Clocks that differ by more than this many milliseconds have come apart.
const DIVERGENCE_MS: u64 = 2_000;

/// A wait that is out by no more than this is as it should be.
const NOTICEABLE_MS: u64 = 50;

/// Readings are taken for no later than this: a thousand years.
const LATEST: MonotonicTime = MonotonicTime::from_start(Duration::from_secs(1_000 * 365 * 86_400));

/// A reading this far from the one before, of a clock that moved alone, is a mistake of the clock.
const ABSURD: Duration = Duration::from_secs(365 * 86_400);

/// The two clocks of the last input, and how they are meant to go together.
#[derive(Debug, Default)]
pub(in crate::machine) struct Clock {
    now: Now,
    started: bool,
    /// The last reading, if it was not followed.
    astray: Option<MonotonicTime>,
    /// Nanoseconds to add to readings of a monotonic clock that went astray for good.
    shift: i128,
    /// Readings that were not followed.
    distrusted: u64,
    /// Both clocks when they were last taken to agree.
    agreed: Now,
    /// Running time of the profile at `running_since`.
    running: Duration,
    running_since: MonotonicTime,
}

impl Clock {
    /// Takes a reading. `true` when the clocks have come apart since they last agreed.
    pub(in crate::machine) fn advance(&mut self, reading: Now) -> bool {
        if !self.started {
            self.started = true;
            self.now = Now { monotonic: reading.monotonic.min(LATEST), wall: reading.wall };
            self.agreed = reading;
            self.running_since = self.now.monotonic;
        }
        if reading == self.now && self.shift == 0 && self.astray.is_none() {
            // Several inputs of one moment.
            return false;
        }
        // Later than any engine runs, and early enough that every deadline can lie after it.
        let monotonic = self.trusted(reading).min(LATEST).max(self.now.monotonic);
        self.now = Now { monotonic, wall: reading.wall };
        self.have_come_apart_by(DIVERGENCE_MS)
    }

    /// Whether the clocks differ by so little more than when they last agreed that only a sleep, or a freeze, is worth
    /// looking at them for: then somebody has said that there was one.
    pub(in crate::machine) fn have_come_apart_a_little(&mut self) -> bool {
        self.have_come_apart_by(NOTICEABLE_MS)
    }

    fn have_come_apart_by(&mut self, ms: u64) -> bool {
        let ran = i64::try_from(self.now.monotonic.since(self.agreed.monotonic).as_millis()).unwrap_or(i64::MAX);
        let passed = self.now.wall.unix_ms().saturating_sub(self.agreed.wall.unix_ms());
        let apart = passed.saturating_sub(ran).unsigned_abs() > ms;
        if apart {
            self.agreed = self.now;
        }
        apart
    }

    /// The monotonic reading, unless that clock alone went where no time leads: then time stands still for this
    /// reading. If the next one goes on from there it counts from there, until the clock is back where it should
    /// be.
    fn trusted(&mut self, reading: Now) -> MonotonicTime {
        let (raw, before) = (reading.monotonic, self.now.monotonic);
        let astray = self.astray.take();
        let moved = if raw >= before { raw.since(before) } else { before.since(raw) };
        if moved <= ABSURD {
            self.shift = 0;
            return raw;
        }
        // A clock that moved further has to have moved with the other one.
        let passed = reading.wall.since(self.now.wall);
        let most = ABSURD.max(passed.saturating_mul(2));
        let is_near = |at: MonotonicTime, to: MonotonicTime| at.since(to) <= most && to.since(at) <= ABSURD;
        if is_near(raw, before) {
            self.shift = 0;
            return raw;
        }
        if self.shift != 0 {
            let shifted = shifted(raw, self.shift);
            if is_near(shifted, before) {
                return shifted;
            }
        }
        self.distrusted += 1;
        if astray.is_some_and(|earlier| is_near(raw, earlier)) {
            self.shift = nanos(before) - nanos(raw);
        } else {
            self.astray = Some(raw);
        }
        before
    }

    /// What the host's clock reads at a moment; `None` for one that it never reaches.
    pub(in crate::machine) fn as_read(&self, at: MonotonicTime) -> Option<MonotonicTime> {
        if self.shift == 0 {
            return (at <= LATEST).then_some(at);
        }
        let read = nanos(at).checked_sub(self.shift)?;
        (at <= LATEST && read < nanos(MonotonicTime::FAR_FUTURE)).then(|| shifted(at, -self.shift))
    }

    pub(in crate::machine) fn distrusted(&self) -> u64 {
        self.distrusted
    }

    pub(in crate::machine) fn now(&self) -> Now {
        self.now
    }

    pub(in crate::machine) fn running(&self) -> Duration {
        self.running.saturating_add(self.now.monotonic.since(self.running_since))
    }

    /// How old something is that was registered then. The clock that makes it older decides: one that was set back does
    /// not make it wait for longer, and a profile that seldom runs does not either.
    ///
    /// Between two moments at which waits are taken from the wall clock again it grows with the monotonic clock alone, so
    /// that a moment at which something is old enough stays the same moment.
    pub(in crate::machine) fn age_of(&self, registered: Observed) -> Duration {
        let since = self.now.monotonic.since(self.agreed.monotonic);
        let by_then = self.agreed.wall.unix_ms().saturating_sub(registered.wall.unix_ms());
        let ms = Duration::from_millis(by_then.unsigned_abs());
        let on_wall = if by_then < 0 { since.saturating_sub(ms) } else { since.saturating_add(ms) };
        on_wall.max(self.running().saturating_sub(registered.running))
    }

    pub(in crate::machine) fn resume_running(&mut self, before: Duration) {
        self.running = before.saturating_add(self.running());
        self.running_since = self.now.monotonic;
    }
}

fn nanos(at: MonotonicTime) -> i128 {
    i128::try_from(at.since_start().as_nanos()).unwrap_or(i128::MAX)
}

fn shifted(at: MonotonicTime, by: i128) -> MonotonicTime {
    const SECOND: u128 = 1_000_000_000;
    let nanos = u128::try_from(nanos(at).saturating_add(by)).unwrap_or(0);
    let seconds = u64::try_from(nanos / SECOND).unwrap_or(u64::MAX);
    MonotonicTime::from_start(Duration::new(seconds, u32::try_from(nanos % SECOND).unwrap_or(0)))
}
