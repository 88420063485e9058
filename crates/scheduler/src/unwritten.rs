//! What the store may be behind with, and for how long.

use std::time::Duration;

use background_sync_registration::{Observed, SyncRegistration};

use crate::SyncParameters;

/// Less than this is not worth a row in a commit that is made anyway.
const WORTH_A_ROW: Duration = Duration::from_secs(3_600);
/// No commit is made for a running time alone sooner than this after another such one.
const BETWEEN_COMMITS: Duration = Duration::from_secs(24 * 3_600);

/// Whether a profile's running time is written with what is written anyway: `written` is what the store has, `now` what
/// it is.
///
/// It is never a reason to write while the process runs. Only the age that removes counts on it, and what a crash loses
/// of it makes registrations seem younger: they are kept for longer, never for less.
#[must_use]
pub fn running_time_is_due(written: Duration, now: Duration) -> bool {
    now.saturating_sub(written) >= WORTH_A_ROW
}

/// Whether it is worth a commit of its own when the process may be gone after this: `for_itself` is what it was when it
/// last had one in this session.
///
/// A machine that is put to sleep every hour, with something registered and nothing to do, writes once a day. What a
/// crash loses is less than a day for each session that has slept, and an hour for one that has not run for longer.
#[must_use]
pub fn running_time_is_worth_a_commit(written: Duration, for_itself: Option<Duration>, now: Duration) -> bool {
    let is_too_soon = for_itself.is_some_and(|then| now.saturating_sub(then) < BETWEEN_COMMITS);
    running_time_is_due(written, now) && !is_too_soon
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

    #[test]
    fn it_is_worth_a_commit_of_its_own_once_a_day() {
        let (written, day) = (Duration::from_secs(5_000), 24 * HOUR);
        assert!(running_time_is_worth_a_commit(written, None, written + HOUR), "the first of a session");
        assert!(!running_time_is_worth_a_commit(written, None, written + HOUR - INSTANT));
        assert!(!running_time_is_worth_a_commit(written, Some(written), written + day - INSTANT));
        assert!(running_time_is_worth_a_commit(written, Some(written), written + day));
        let by_the_way = written + day - INSTANT;
        assert!(!running_time_is_worth_a_commit(by_the_way, Some(written), written + day), "another commit had it");
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
