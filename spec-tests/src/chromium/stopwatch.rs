use std::time::Instant;

use crate::seen::Moment;

/// Real time since it was started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch {
    started: Instant,
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self { started: instant() }
    }

    pub(super) fn read(self) -> Moment {
        Moment(u64::try_from(instant().saturating_duration_since(self.started).as_millis()).unwrap_or(u64::MAX))
    }
}

#[allow(clippy::disallowed_methods, reason = "a browser lives in real time")]
fn instant() -> Instant {
    Instant::now()
}
