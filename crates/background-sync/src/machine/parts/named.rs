//! Names for the tests of the parts, made as the machine makes them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use background_sync_policy::{
    Incarnation, Origin as OriginName, Partition, PartitionId, RegistrationKey, StorageKey, SyncKind,
};
use background_sync_registration::{MonotonicTime, TagId, WallTime};
use std::time::Duration;

use super::origins::{Origin, OriginIx};
use super::registry::WorkerIx;
use super::{Origins, Registry};
use crate::WorkerState;

pub(in crate::machine) fn at(seconds: u64) -> MonotonicTime {
    MonotonicTime::from_start(Duration::from_secs(seconds))
}

pub(in crate::machine) fn wall(seconds: u64) -> WallTime {
    WallTime::from_unix_ms(0).after(Duration::from_secs(seconds))
}

pub(in crate::machine) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(in crate::machine) fn origin_name(number: usize) -> OriginName {
    OriginName::parse(&format!("https://{number}.example")).unwrap()
}

/// An origin of the profile that was just heard of.
pub(in crate::machine) fn new_origin(number: usize) -> Origin {
    Origin::new(Partition::Profile(PartitionId(0)), origin_name(number), 1, 0)
}

pub(in crate::machine) fn key(number: usize) -> RegistrationKey {
    let name = origin_name(number);
    let (partition, scope) = (Partition::Profile(PartitionId(0)), format!("https://{number}.example/"));
    RegistrationKey::new(partition, StorageKey::first_party(name), &scope, Incarnation(1)).unwrap()
}

pub(in crate::machine) fn origins<const N: usize>() -> [OriginIx; N] {
    let mut origins = Origins::default();
    std::array::from_fn(|number| origins.add(new_origin(number)).unwrap())
}

/// Workers, each with one tag.
pub(in crate::machine) fn workers<const N: usize>() -> [(WorkerIx, TagId); N] {
    let (mut registry, origins) = (Registry::default(), origins::<N>());
    std::array::from_fn(|number| {
        let worker = registry.add(&key(number), origins[number], WorkerState::Active).unwrap();
        (worker, registry.hold_tag(worker, SyncKind::OneShot, "outbox".into()).unwrap())
    })
}
