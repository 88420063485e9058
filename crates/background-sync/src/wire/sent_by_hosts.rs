//! What a process of pages, of service workers or of the store says to the one that has the driver.

use std::time::Duration;

use background_sync_policy::{Facts, SyncKind, UserSwitch};
use background_sync_scheduler::ConditionOverride;

use super::samples::{PRIVATE, PROFILE, WALLS, budget, key, origin, profile, registrations};
use super::{come_back, every_variant_is_among};
use crate::{AttemptId, Call, ClearedScope, NetworkSubject, Notice, Removal, StoreContents, StoreFailure, WakeToken};

fn removals() -> Vec<Removal> {
    vec![
        Removal::Permission(PROFILE, origin(), SyncKind::Periodic),
        Removal::UserSwitch(None, SyncKind::OneShot, UserSwitch::On),
        Removal::UserSwitch(Some((PRIVATE, origin())), SyncKind::Periodic, UserSwitch::Off),
        Removal::Unregistered(key()),
        Removal::DataCleared(ClearedScope::Key(key()), Some(WALLS[0])),
        Removal::DataCleared(ClearedScope::Partition(PROFILE), None),
        Removal::PartitionClosed(PRIVATE),
    ]
}

#[test]
fn calls_come_back() {
    let facts = Facts::of_an_open_window();
    come_back(&[Call::by_page(facts), Call::by_worker(Facts { fenced: true, ..facts })]);
}

#[test]
fn notices_come_back() {
    let removals = removals();
    every_variant_is_among!(removals, Removal { Permission, UserSwitch, Unregistered, DataCleared, PartitionClosed });
    let mut notices = vec![
        Notice::Network(NetworkSubject::All),
        Notice::Network(NetworkSubject::Origin(origin())),
        Notice::Clients(PRIVATE, origin()),
        Notice::Restriction,
        Notice::Power,
        Notice::ConditionOverride(None, SyncKind::OneShot, ConditionOverride::None),
        Notice::ConditionOverride(Some((PROFILE, origin())), SyncKind::Periodic, ConditionOverride::RunAnyway),
        Notice::Worker(key()),
        Notice::WorkersKnown,
        Notice::Answered(AttemptId(u64::MAX), false),
        Notice::Slept,
        Notice::Woke,
        Notice::Frozen,
        Notice::Thawed,
        Notice::Woken(WakeToken(u64::MAX), Duration::MAX),
        Notice::Shutdown,
    ];
    notices.extend(removals.iter().cloned().map(Notice::from));
    #[cfg(feature = "periodic")]
    notices.extend(super::periodic::notices());
    every_variant_is_among!(
        notices,
        Notice {
            #[cfg(feature = "periodic")]
            Visited,
            #[cfg(feature = "periodic")]
            UtcOffset,
            #[cfg(feature = "periodic")]
            Engagement,
            #[cfg(feature = "periodic")]
            Paused,
            Network,
            Clients,
            Restriction,
            Power,
            ConditionOverride,
            Worker,
            WorkersKnown,
            Answered,
            Slept,
            Woke,
            Frozen,
            Thawed,
            Woken,
            Removal,
            Shutdown,
        }
    );
    come_back(&removals);
    come_back(&notices);
}

#[test]
fn what_a_store_answers_comes_back() {
    let contents = StoreContents::new(registrations(), vec![budget()], Some(profile()), u64::MAX);
    come_back(&[StoreContents::default(), contents]);
    let failures = [
        StoreFailure::Failed("\u{1F4BE}".to_owned()),
        StoreFailure::ContentsLost(String::new()),
        StoreFailure::Dropped,
    ];
    every_variant_is_among!(failures, StoreFailure { Failed, ContentsLost, Dropped });
    come_back(&failures);
}
