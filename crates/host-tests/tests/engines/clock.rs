use std::time::Duration;

use background_sync::Clock;
use background_sync::registration::{MonotonicTime, Now};
use background_sync_host_tests::VirtualClock;

/// A monotonic clock that shows how long it is since the process began by the wall clock.
pub(crate) struct OfTheWall {
    clock: VirtualClock,
    beginning: Now,
}

impl OfTheWall {
    pub(crate) fn new(clock: &VirtualClock) -> Self {
        Self { clock: clock.clone(), beginning: clock.read() }
    }
}

impl Clock for OfTheWall {
    fn now(&mut self) -> Now {
        let now = self.clock.read();
        Now { monotonic: self.beginning.monotonic.after(now.wall.since(self.beginning.wall)), ..now }
    }
}

/// A clock that was set back a minute after an hour and five minutes.
pub(crate) struct Wrong(VirtualClock);

impl Wrong {
    pub(crate) fn new(clock: &VirtualClock) -> Self {
        Self(clock.clone())
    }
}

impl Clock for Wrong {
    fn now(&mut self) -> Now {
        let now = self.0.read();
        let since_start = now.monotonic.since_start();
        if since_start < Duration::from_secs(3_900) {
            return now;
        }
        Now { monotonic: MonotonicTime::from_start(since_start - Duration::from_secs(60)), ..now }
    }
}
