//! What is stored, of every kind that there is.

use std::time::Duration;

use background_sync::policy::{Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey, SyncKind};
use background_sync::registration::{
    NetworkIdentity, Observed, Sequence, Series, StoredRegistration, StoredState, StoredWait, Tag, WallTime,
};
use background_sync::scheduler::StoredBudget;
use background_sync::{StoreOp, StoredProfile};

const BEGINNING: WallTime = WallTime::from_unix_ms(1_767_268_800_000);

fn partition(number: u64) -> Partition {
    Partition::Profile(PartitionId(number % 2))
}

fn origin(number: u64) -> Origin {
    Origin::parse(&format!("https://site-{}.example", number % 7)).expect("an origin")
}

fn key(number: u64) -> RegistrationKey {
    let origin = origin(number);
    let scope = format!("{}/app-{}/", origin.as_str(), number % 3);
    let life = Incarnation(1 + number % 2);
    RegistrationKey::new(partition(number / 7), StorageKey::first_party(origin), &scope, life)
        .expect("a scope of the origin")
}

/// Also those that no text is: nothing, half a character, and very long ones.
fn tag(number: u64) -> Tag {
    match number % 9 {
        0 => Tag::from(""),
        1 => Tag::from_utf16(&[0xD800, 0, 0x61]),
        2 => Tag::from("é".repeat(5_000).as_str()),
        _ => Tag::from(format!("outbox-{number}").as_str()),
    }
}

fn state(number: u64) -> StoredState {
    let wait = StoredWait::new(BEGINNING.after(Duration::from_secs(number)), Duration::from_millis(number));
    match number % 7 {
        0 => StoredState::Pending(None),
        1 => StoredState::Pending(Some(wait)),
        2 => StoredState::Waiting(wait, false),
        3 => StoredState::Waiting(wait, true),
        4 => StoredState::Firing(false),
        5 => StoredState::Firing(true),
        _ => StoredState::ReregisteredWhileFiring,
    }
}

/// The registration of this number, in one of its versions.
pub(super) fn registration(number: u64, version: u32) -> StoredRegistration {
    StoredRegistration {
        sequence: Sequence(number),
        key: key(number),
        kind: if number.is_multiple_of(5) { SyncKind::Periodic } else { SyncKind::OneShot },
        tag: tag(number),
        state: state(number + u64::from(version)),
        series: Series::new(version, 1, 2),
        registered: Observed { wall: BEGINNING.after(Duration::from_millis(number)), running: Duration::from_secs(1) },
        network: number.is_multiple_of(3).then(|| NetworkIdentity::from(u64::MAX - number)),
        schedule: None,
    }
}

pub(super) fn put(number: u64, version: u32) -> StoreOp {
    StoreOp::PutRegistration(registration(number, version))
}

pub(super) fn remove(number: u64) -> StoreOp {
    StoreOp::RemoveRegistration(Sequence(number))
}

pub(super) fn put_budget(number: u64, starts: u32) -> StoreOp {
    let entries = vec![(BEGINNING, starts, Duration::from_secs(30)), (BEGINNING, 0, Duration::from_millis(1))];
    StoreOp::PutBudget(StoredBudget::new(partition(number / 7), origin(number), entries))
}

pub(super) fn remove_budget(number: u64) -> StoreOp {
    StoreOp::RemoveBudget(partition(number / 7), origin(number))
}

pub(super) fn put_profile(next: u64) -> StoreOp {
    StoreOp::PutProfile(StoredProfile::new(Sequence(next), Duration::from_nanos(next), [next, u64::MAX].into()))
}
