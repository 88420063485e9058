use std::time::Duration;

/// How a timeline's time became the time in which it was seen, and how far off a moment may be in that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// So much of a timeline's time is one second of the other.
    second: Duration,
    /// Lengths below the one have a scale of their own.
    shorter: (Duration, Duration),
    tolerance: Duration,
}

impl Scale {
    /// The timeline's own time, with moments that may be `tolerance` away; zero where they have to be exact.
    #[must_use]
    pub const fn virtual_time(tolerance: Duration) -> Self {
        Self { second: Duration::from_secs(1), shorter: (Duration::ZERO, Duration::ZERO), tolerance }
    }

    /// So much of a timeline's time is one second.
    #[must_use]
    pub const fn scaled(second: Duration, tolerance: Duration) -> Self {
        Self { second, shorter: (Duration::ZERO, Duration::ZERO), tolerance }
    }

    /// The same, and of what is shorter than `below`, so much is one second.
    #[must_use]
    pub const fn with_shorter(self, below: Duration, second: Duration) -> Self {
        Self { shorter: (below, second), ..self }
    }

    /// What a length of the timeline's became.
    #[must_use]
    pub fn length(&self, length: Duration) -> Duration {
        let (below, short) = self.shorter;
        let second = if length < below { short } else { self.second };
        if second == Duration::from_secs(1) {
            return length;
        }
        Duration::from_secs_f64((length.as_secs_f64() / second.as_secs_f64()).min(1e9))
    }

    /// How far a moment may be off.
    #[must_use]
    pub const fn tolerance(&self) -> Duration {
        self.tolerance
    }
}
