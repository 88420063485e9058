//! What the store may be behind with, and for how long.

use std::time::Duration;

use background_sync_registration::{Observed, SyncRegistration};

use crate::SyncParameters;

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

impl SyncParameters {
    /// Whether a call of `register` at this moment leaves nothing to write, if the store has everything else of the
    /// registration that is under its tag: it would only be younger, and the age in the store may be a while behind.
    #[must_use]
    pub fn may_stay_unwritten(&self, existing: &SyncRegistration, asked_at: Observed) -> bool {
        existing.would_only_be_younger() && existing.age_behind_at(asked_at) < self.max_age_behind
    }
}

#[cfg(test)]
mod tests {
    use background_sync_policy::{Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey, SyncKind};
    use background_sync_registration::{Now, Sequence, Series, StoredRegistration, StoredState, WallTime};

    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);
    const INSTANT: Duration = Duration::from_nanos(1);

    #[test]
    fn an_hour_of_running_time_is_worth_writing_and_less_is_not() {
        let written = Duration::from_secs(5_000);
        assert!(running_time_is_due(written, written + HOUR));
        assert!(!running_time_is_due(written, written + HOUR - INSTANT));
        assert!(!running_time_is_due(written, Duration::ZERO), "the store is ahead");
    }

    /// Registered at the beginning of both clocks.
    fn registration(series: Series) -> SyncRegistration {
        let origin = Origin::parse("https://a.example").expect("a URL");
        let (partition, storage_key) = (Partition::Profile(PartitionId(0)), StorageKey::first_party(origin));
        let key = RegistrationKey::new(partition, storage_key, "https://a.example/", Incarnation(1)).expect("a key");
        let stored = StoredRegistration {
            sequence: Sequence(1),
            key,
            kind: SyncKind::OneShot,
            tag: "outbox".into(),
            state: StoredState::Pending(None),
            series,
            registered: Observed::default(),
            network: None,
            schedule: None,
        };
        SyncRegistration::from_stored(&stored, Now::default())
    }

    #[test]
    fn a_call_is_written_when_it_says_more_than_an_age_or_the_age_is_an_hour_behind_on_either_clock() {
        let params = SyncParameters::recommended();
        let may = |wall, running| {
            let at = Observed { wall: WallTime::from_unix_ms(0).after(wall), running };
            params.may_stay_unwritten(&registration(Series::default()), at)
        };
        assert!(may(HOUR - Duration::from_millis(1), HOUR - INSTANT));
        assert!(!may(HOUR, Duration::ZERO) && !may(Duration::ZERO, HOUR));
        let tried = registration(Series::charged(1));
        assert!(!params.may_stay_unwritten(&tried, Observed::default()));
    }
}
