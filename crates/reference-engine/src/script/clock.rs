//! The time that scripts see.

use std::cell::Cell;
use std::rc::Rc;

/// The one clock of a realm: `Date`, `performance.now()` and timers all read it.
pub trait Clock {
    /// Milliseconds since the Unix epoch. Never goes back while a realm lives.
    fn now(&self) -> u64;
}

/// A clock that stands still until it is set; clones share the time.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Rc<Cell<u64>>);

impl ManualClock {
    /// A clock that stands at `now`, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn new(now: u64) -> Self {
        Self(Rc::new(Cell::new(now)))
    }

    /// Moves the clock to `now`; an earlier time than the present one changes nothing.
    pub fn advance_to(&self, now: u64) {
        self.0.set(self.0.get().max(now));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> u64 {
        self.0.get()
    }
}
