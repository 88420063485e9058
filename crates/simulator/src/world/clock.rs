use std::time::Duration;

use background_sync::registration::{MonotonicTime, Now, WallTime};

use crate::timeline::{Jump, Time};

/// What the wall clock shows at the start of every timeline: 2026-01-01T00:00Z.
const START_MS: i64 = 1_767_225_600_000;

/// The one clock everything goes by, and the two that the machine sees of it.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Since the start of the timeline.
    elapsed: Duration,
    /// How much of it the system did not sleep: then the monotonic clock stands still.
    ran: Duration,
    asleep: bool,
    /// How far the wall clock was set off.
    offset_ms: i64,
    /// How much too early the monotonic clock is read at the moment.
    misread: Duration,
}

impl Clock {
    /// Time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// What the machine is told.
    #[must_use]
    pub fn now(&self) -> Now {
        let wall = WallTime::from_unix_ms(START_MS.saturating_add(self.offset_ms)).after(self.elapsed);
        Now { monotonic: self.monotonic(), wall }
    }

    /// The clock of the two that stands still while the system sleeps.
    #[must_use]
    pub fn monotonic(&self) -> MonotonicTime {
        MonotonicTime::from_start(self.ran.saturating_sub(self.misread))
    }

    /// Goes on to a moment, not a past one.
    pub fn advance_to(&mut self, at: Duration) {
        let by = at.saturating_sub(self.elapsed);
        self.elapsed += by;
        if !self.asleep {
            self.ran += by;
        }
    }

    /// The moment since the start at which the monotonic clock will show `at`, if nothing sleeps before.
    #[must_use]
    pub fn moment_of(&self, at: MonotonicTime) -> Duration {
        self.elapsed.saturating_add(at.since(self.monotonic()))
    }

    /// What the wall clock shows, or would have shown, at a moment since the start.
    #[must_use]
    pub fn wall_at(&self, at: Time) -> WallTime {
        WallTime::from_unix_ms(START_MS.saturating_add(self.offset_ms)).after(at.0)
    }

    /// The moment since the start at which the wall clock shows `wall`; zero for one before.
    #[must_use]
    pub fn moment_of_wall(&self, wall: WallTime) -> Time {
        Time(wall.since(WallTime::from_unix_ms(START_MS.saturating_add(self.offset_ms))))
    }

    /// Sets the wall clock.
    pub fn jump(&mut self, jump: Jump) {
        let ms = i64::try_from(jump.by.0.as_millis()).unwrap_or(i64::MAX / 4);
        self.offset_ms = if jump.back { self.offset_ms.saturating_sub(ms) } else { self.offset_ms.saturating_add(ms) };
    }

    /// Whoever reads the monotonic clock reads so much less than it shows.
    pub fn misread(&mut self, by: Time) {
        self.misread = by.0;
    }

    /// The system goes to sleep, or wakes.
    pub fn set_asleep(&mut self, asleep: bool) {
        self.asleep = asleep;
    }

    /// Whether the system sleeps.
    #[must_use]
    pub fn is_asleep(&self) -> bool {
        self.asleep
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleep_stops_the_monotonic_clock_only() {
        let mut clock = Clock::default();
        clock.advance_to(Duration::from_secs(10));
        let before = clock.now();
        clock.set_asleep(true);
        clock.advance_to(Duration::from_secs(70));
        clock.set_asleep(false);
        assert_eq!(clock.now().monotonic, before.monotonic);
        assert_eq!(clock.now().wall.since(before.wall), Duration::from_secs(60));
        assert_eq!(clock.moment_of(before.monotonic.after(Duration::from_secs(1))), Duration::from_secs(71));
    }

    #[test]
    fn the_wall_clock_jumps_both_ways() {
        let mut clock = Clock::default();
        let start = clock.now();
        clock.jump(Jump { back: true, by: Time::seconds(3_600) });
        assert_eq!(start.wall.since(clock.now().wall), Duration::from_secs(3_600));
        clock.jump(Jump { back: false, by: Time::seconds(7_200) });
        assert_eq!(clock.now().wall.since(start.wall), Duration::from_secs(3_600));
        assert_eq!(clock.now().monotonic, start.monotonic);
    }
}
