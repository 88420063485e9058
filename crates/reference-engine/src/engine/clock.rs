//! The engine's one clock.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use background_sync::registration::{MonotonicTime, Now, WallTime};
use background_sync::scheduler::UtcOffset;
use background_sync_simulator::timeline::Time;

use crate::script;

/// Civil time at the start of virtual time: 2026-01-05 09:00 UTC, a Monday morning.
const VIRTUAL_START_MS: i64 = 1_767_603_600_000;

/// What time is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeMode {
    /// Time stands still until nothing is left to do, then jumps to the next thing. The default.
    Virtual,
    /// The wall clock's.
    Real,
}

/// Time since the start of the timeline, read by the machine, by scripts and by the engine alike.
/// Clones are the same clock.
#[derive(Clone, Debug)]
pub struct EngineClock(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    mode: TimeMode,
    /// Time of the timeline that went by before this process started.
    before: Duration,
    /// In virtual time: time of the timeline.
    elapsed: Cell<Duration>,
    started: Instant,
    start_wall: WallTime,
    asleep: Cell<bool>,
    /// What civil time is ahead by where the user is.
    utc_offset: Cell<UtcOffset>,
    /// How much of the time the system slept: the monotonic clock stood still.
    slept: Cell<Duration>,
}

impl EngineClock {
    /// A clock that goes on from `before`, time of the timeline that an earlier process has seen.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "real time is read here, for the mode that asks for it")]
    pub fn new(mode: TimeMode, before: Duration) -> Self {
        let start_wall = match mode {
            TimeMode::Virtual => WallTime::from_unix_ms(VIRTUAL_START_MS),
            TimeMode::Real => {
                let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
                let ms = now.saturating_sub(before).as_millis();
                WallTime::from_unix_ms(i64::try_from(ms).unwrap_or(i64::MAX))
            }
        };
        let (asleep, slept, utc_offset) = (Cell::default(), Cell::default(), Cell::default());
        let (elapsed, started) = (Cell::new(before), Instant::now());
        Self(Rc::new(Inner { mode, before, elapsed, started, start_wall, asleep, utc_offset, slept }))
    }

    /// What time is made of.
    #[must_use]
    pub fn mode(&self) -> TimeMode {
        self.0.mode
    }

    /// Time since the start of the timeline.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        match self.0.mode {
            TimeMode::Virtual => self.0.elapsed.get(),
            TimeMode::Real => self.0.before + self.0.started.elapsed(),
        }
    }

    /// Lets time go on to a moment: at once, or by waiting for it.
    pub fn advance_to(&self, at: Duration) {
        let by = at.saturating_sub(self.elapsed());
        match self.0.mode {
            TimeMode::Virtual => self.0.elapsed.set(self.0.elapsed.get() + by),
            TimeMode::Real => std::thread::sleep(by),
        }
        if self.is_asleep() {
            self.0.slept.set(self.0.slept.get() + by);
        }
    }

    /// The system goes to sleep, or wakes.
    pub(super) fn set_asleep(&self, asleep: bool) {
        self.0.asleep.set(asleep);
    }

    /// Whether the system sleeps: time passes, and nothing happens.
    #[must_use]
    pub fn is_asleep(&self) -> bool {
        self.0.asleep.get()
    }

    /// The user is where civil time is ahead by this.
    pub(super) fn set_utc_offset(&self, offset: UtcOffset) {
        self.0.utc_offset.set(offset);
    }

    /// Civil time now, in UTC.
    #[must_use]
    pub fn wall(&self) -> WallTime {
        self.0.start_wall.after(self.elapsed())
    }

    /// The moment of the timeline at which civil time is `wall`; the start for one before.
    #[must_use]
    pub fn moment_of_wall(&self, wall: WallTime) -> Time {
        Time(wall.since(self.0.start_wall))
    }

    /// The moment of the timeline at which the monotonic clock shows `at`, if nothing sleeps before.
    #[must_use]
    pub fn moment_of(&self, at: MonotonicTime) -> Duration {
        at.since_start().saturating_add(self.0.slept.get())
    }

    /// The moment of the timeline at which civil time is `ms` after the epoch.
    #[must_use]
    pub(super) fn moment_of_ms(&self, ms: u64) -> Duration {
        self.moment_of_wall(WallTime::from_unix_ms(i64::try_from(ms).unwrap_or(i64::MAX))).0
    }
}

impl background_sync::Clock for EngineClock {
    fn now(&mut self) -> Now {
        let monotonic = self.elapsed().saturating_sub(self.0.slept.get());
        Now { monotonic: MonotonicTime::from_start(monotonic), wall: self.wall() }
    }

    fn utc_offset(&mut self) -> UtcOffset {
        self.0.utc_offset.get()
    }
}

impl script::Clock for EngineClock {
    fn now(&self) -> u64 {
        u64::try_from(self.wall().unix_ms()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use background_sync::Clock as _;

    #[test]
    fn sleep_stops_the_monotonic_clock_only() {
        let mut clock = EngineClock::new(TimeMode::Virtual, Duration::from_secs(10));
        let before = clock.now();
        clock.set_asleep(true);
        clock.advance_to(Duration::from_secs(70));
        clock.set_asleep(false);
        assert_eq!(clock.now().monotonic, before.monotonic);
        assert_eq!(clock.now().wall.since(before.wall), Duration::from_secs(60));
        assert_eq!(clock.moment_of(before.monotonic), Duration::from_secs(70));
    }
}
