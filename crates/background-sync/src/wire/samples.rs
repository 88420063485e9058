//! Values at the ends of their ranges.

use std::time::Duration;

use background_sync_policy::{Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey};
use background_sync_registration::{
    NetworkIdentity, Observed, Sequence, Series, StoredRegistration, StoredState, StoredWait, Tag, WallTime,
};
use background_sync_scheduler::{NetworkId, NetworkState, StoredBudget};

use crate::StoredProfile;

pub(super) const WALLS: [WallTime; 3] =
    [WallTime::from_unix_ms(i64::MIN), WallTime::from_unix_ms(i64::MAX), WallTime::from_unix_ms(0)];
pub(super) const PROFILE: Partition = Partition::Profile(PartitionId(u64::MAX));
pub(super) const PRIVATE: Partition = Partition::Private(PartitionId(0));

pub(super) fn origin() -> Origin {
    Origin::parse("https://a.example:8443").unwrap()
}

/// Of a first and of a third party, of the profile and private, and of an engine's own scheme.
pub(super) fn keys() -> [RegistrationKey; 3] {
    let key = |partition, storage_key, scope, incarnation| {
        RegistrationKey::new(partition, storage_key, scope, Incarnation(incarnation)).unwrap()
    };
    let scope = "https://a.example:8443/x?y=%F0%9F%98%80";
    let app = Origin::from_tuple("app", "chat", None).unwrap();
    [
        key(PROFILE, StorageKey::first_party(origin()), scope, 0),
        key(PRIVATE, StorageKey::third_party(origin(), "https://top.example"), scope, u64::MAX),
        key(PROFILE, StorageKey::first_party(app), "app://chat/a", 1),
    ]
}

pub(super) fn key() -> RegistrationKey {
    let [key, ..] = keys();
    key
}

/// Lone surrogates, what looks like their written form, and what does not fit into a record.
pub(super) fn tags() -> Vec<Tag> {
    let written = "{\"utf16\":[55296]}";
    let texts = ["", "outbox", "\u{0}\u{FFFF}\u{10FFFF}", written, "a tag that is longer than its place in a record"];
    let surrogates: [&[u16]; 3] = [&[0xD800], &[0x61, 0xDFFF, 0xD83D], &[0xDC00, 0xD800]];
    texts.map(Tag::from).into_iter().chain(surrogates.map(Tag::from_utf16)).collect()
}

pub(super) fn networks() -> Vec<NetworkState> {
    let network_id = Some(NetworkId::new("caf\u{e9} \u{1F600}"));
    vec![
        NetworkState::Unknown,
        NetworkState::Offline,
        NetworkState::Captive,
        NetworkState::online(),
        NetworkState::Online { metered: true, roaming: true, network_id },
    ]
}

/// Every state with every tag.
pub(super) fn registrations() -> Vec<StoredRegistration> {
    let wait = StoredWait::new(WALLS[0], Duration::MAX);
    let states = [
        StoredState::Pending(None),
        StoredState::Pending(Some(wait)),
        StoredState::Waiting(wait, true),
        StoredState::Firing(true),
        StoredState::ReregisteredWhileFiring,
    ];
    let of = |state, tag| StoredRegistration {
        sequence: Sequence(u64::MAX),
        key: key(),
        kind: background_sync_policy::SyncKind::Periodic,
        tag,
        state,
        series: Series::new(u32::MAX, 7, u32::MAX),
        registered: Observed { wall: WALLS[1], running: Duration::MAX },
        network: Some(NetworkIdentity::from(u64::MAX)),
        schedule: None,
    };
    states.into_iter().flat_map(|state| tags().into_iter().map(move |tag| of(state, tag))).collect()
}

pub(super) fn budget() -> StoredBudget {
    let entries = WALLS.map(|at| (at, u32::MAX, Duration::MAX)).to_vec();
    StoredBudget::new(PROFILE, origin(), entries)
}

pub(super) fn profile() -> StoredProfile {
    StoredProfile::new(Sequence(u64::MAX), Duration::new(u64::MAX, 1), [u64::MAX, 0].into())
}
