use std::time::Duration;

/// As much of the running time of a profile a crash may lose after its last commit, or before it slept.
const MOST_BEHIND: Duration = Duration::from_secs(3_600);

/// Whether a profile's running time is written with what is written anyway, or before the process may be gone:
/// `written` is what the store has, `now` what it is.
///
/// It is never a reason to write of its own. Only the age that removes counts on it, and what a crash loses of it makes
/// registrations seem younger: they are kept for longer, never for less.
#[must_use]
pub fn running_time_is_due(written: Duration, now: Duration) -> bool {
    now.saturating_sub(written) >= MOST_BEHIND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_worth_writing_and_less_is_not() {
        let (written, hour) = (Duration::from_secs(5_000), Duration::from_secs(3_600));
        assert!(running_time_is_due(written, written + hour));
        assert!(!running_time_is_due(written, written + hour - Duration::from_nanos(1)));
        assert!(!running_time_is_due(written, Duration::ZERO), "the store is ahead");
    }
}
