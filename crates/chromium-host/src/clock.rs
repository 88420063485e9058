//! How long to wait: the one place that reads a clock.

use std::time::{Duration, Instant};

/// A moment after which nobody waits any more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    at: Option<Instant>,
}

impl Deadline {
    /// So long from now. What no clock can hold never comes.
    pub(crate) fn after(wait: Duration) -> Self {
        Self { at: now().checked_add(wait) }
    }

    /// How much of it is left; nothing when it is over.
    pub(crate) fn left(self) -> Duration {
        self.at.map_or(Duration::MAX, |at| at.saturating_duration_since(now()))
    }
}

#[allow(clippy::disallowed_methods, reason = "a browser lives in real time")]
fn now() -> Instant {
    Instant::now()
}
