use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use background_sync::Clock;
use background_sync::registration::{MonotonicTime, Now, WallTime};

/// Both clocks of a scenario. They stand still until the kit moves them; clones show the same time.
///
/// An engine hands it to its `Hosts` in place of the system's clocks, or puts its own clock around it.
#[derive(Clone, Debug)]
pub struct VirtualClock(Arc<Mutex<Now>>);

impl VirtualClock {
    /// The year is 2026, and the device was started an hour ago.
    pub(crate) fn new() -> Self {
        let wall = WallTime::from_unix_ms(1_767_268_800_000);
        Self(Arc::new(Mutex::new(Now { monotonic: MonotonicTime::from_start(Duration::from_secs(3_600)), wall })))
    }

    /// The time.
    #[must_use]
    pub fn read(&self) -> Now {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = Now { monotonic: now.monotonic.after(by), wall: now.wall.after(by) };
    }

    /// The system sleeps: one of the clocks stands still.
    pub(crate) fn sleep(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        now.wall = now.wall.after(by);
    }
}

impl Clock for VirtualClock {
    fn now(&mut self) -> Now {
        self.read()
    }
}
