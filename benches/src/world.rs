use std::time::Duration;

use background_sync::StoredProfile;
use background_sync::policy::{Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey, SyncKind};
use background_sync::registration::{
    MinInterval, Observed, Schedule, Sequence, Series, StoredRegistration, StoredState, StoredWait, Tag, WallTime,
};
use background_sync::scheduler::{SyncParameters, ValidParameters};

/// Tags of one service worker registration.
pub const TAGS_PER_WORKER: u64 = 1_000;

/// When everything was registered, and every bench begins.
pub(crate) const BEGINNING: WallTime = WallTime::from_unix_ms(1_700_000_000_000);

/// Longer than a bench takes, shorter than a registration lives.
const LONG: Duration = Duration::from_secs(20 * 86_400);

/// More than any bench registers.
const MANY: usize = 1 << 30;

/// What all the other registrations are doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// They are pending; there is no network.
    Pending,
    /// They wait for a retry; there is a network.
    Waiting,
    /// They are periodic, and their intervals are not over for long; there is a network.
    Periodic,
}

/// The recommended parameters with room for any number of tags, and starts without a window, and without
/// anything that is left to chance. The background budget is counted all the same.
///
/// # Panics
/// When the library does not take them.
#[must_use]
pub fn parameters() -> ValidParameters {
    let recommended = SyncParameters::recommended().into_parameters();
    let params = recommended.with(|it| {
        it.limits.max_registrations_per_worker = MANY;
        it.limits.max_registrations_per_origin = MANY;
        it.limits.max_tag_bytes_per_origin = MANY;
        it.limits.max_tag_bytes_per_profile = MANY;
        it.first_fire_spread = Duration::ZERO;
        it.first_fire_spread_in_background = Duration::ZERO;
        it.background_starts_per_day = 1 << 30;
        it.background_time_per_day = LONG;
    });
    params.validated().expect("caps may be high")
}

/// A service worker registration of an origin of its own.
///
/// # Panics
/// When there is no such origin.
#[must_use]
pub fn key(number: u64) -> RegistrationKey {
    let origin = Origin::parse(&format!("https://site-{number}.example")).expect("an origin");
    let scope = format!("{}/", origin.as_str());
    let partition = Partition::Profile(PartitionId(0));
    RegistrationKey::new(partition, StorageKey::first_party(origin), &scope, Incarnation(1)).expect("a scope of it")
}

/// A tag of 24 bytes.
#[must_use]
pub fn tag(number: u64) -> Tag {
    Tag::from(tag_text(number).as_str())
}

pub(crate) fn tag_text(number: u64) -> String {
    format!("outbox message {number:09}")
}

/// The row of a registration of this worker.
#[must_use]
pub fn registration(key: &RegistrationKey, sequence: Sequence, tag: Tag, others: Others) -> StoredRegistration {
    let wait = StoredWait::new(BEGINNING.after(LONG), LONG);
    let pending = StoredState::Pending(None);
    let (state, attempts, kind) = match others {
        Others::Pending => (pending, 0, SyncKind::OneShot),
        Others::Waiting => (StoredState::Waiting(wait, false), 1, SyncKind::OneShot),
        Others::Periodic => (pending, 0, SyncKind::Periodic),
    };
    let every_so_often = MinInterval::from_ms(LONG.as_secs() * 1_000);
    StoredRegistration {
        sequence,
        key: key.clone(),
        kind,
        tag,
        state,
        series: Series::charged(attempts),
        registered: Observed { wall: BEGINNING, running: Duration::ZERO },
        network: None,
        schedule: (kind == SyncKind::Periodic).then(|| Schedule::new(every_so_often, BEGINNING)),
    }
}

/// The profile's record beside so many registrations, the first of which has the number 1.
#[must_use]
pub fn profile_record(registrations: u64) -> StoredProfile {
    StoredProfile::default().with(|it| it.next_sequence = Sequence(registrations + 1))
}
