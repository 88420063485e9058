//! The engine's one clock.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use background_sync::registration::{MonotonicTime, Now, WallTime};

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
    elapsed: Cell<Duration>,
    started: Instant,
    start_wall: WallTime,
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
        Self(Rc::new(Inner { mode, before, elapsed: Cell::new(before), started: Instant::now(), start_wall }))
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
        match self.0.mode {
            TimeMode::Virtual => self.0.elapsed.set(self.0.elapsed.get().max(at)),
            TimeMode::Real => std::thread::sleep(at.saturating_sub(self.elapsed())),
        }
    }

    /// Civil time now.
    #[must_use]
    pub fn wall(&self) -> WallTime {
        self.0.start_wall.after(self.elapsed())
    }

    /// The moment of the timeline at which civil time is `ms` after the epoch.
    #[must_use]
    pub fn moment_of(&self, ms: u64) -> Duration {
        let at = WallTime::from_unix_ms(i64::try_from(ms).unwrap_or(i64::MAX));
        at.since(self.0.start_wall)
    }
}

impl background_sync::Clock for EngineClock {
    fn now(&mut self) -> Now {
        Now { monotonic: MonotonicTime::from_start(self.elapsed()), wall: self.wall() }
    }
}

impl script::Clock for EngineClock {
    fn now(&self) -> u64 {
        u64::try_from(self.wall().unix_ms()).unwrap_or(0)
    }
}
