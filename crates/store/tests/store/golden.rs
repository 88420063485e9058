//! Files that earlier revisions wrote load with everything in them.

use std::{fs, time::Duration};

use background_sync::{
    StoreContents, StoredProfile,
    policy::{Incarnation, Origin, Partition, PartitionId, RegistrationKey, Scope, StorageKey},
    registration::{
        NetworkIdentity, Observed, Sequence, Series, StoredRegistration, StoredState, StoredWait, Tag, WallTime,
    },
    scheduler::StoredBudget,
};

use crate::{
    common::{commit, load, put, registration},
    open,
};

/// Format 1 with records of version 1: what this project wrote before free outcomes were counted in all and
/// bookings of a budget put together.
const FORMAT_1_RECORDS_1: &[u8] = include_bytes!("../golden/format-1-records-1.redb");

const PARTITION: Partition = Partition::Profile(PartitionId(3));

/// A registration of each state, with every field in use.
fn registrations() -> Vec<StoredRegistration> {
    let origin = Origin::parse("https://chat.example").unwrap();
    let scope = Scope::parse("https://chat.example/app/", &origin).unwrap();
    let key = RegistrationKey::new(PARTITION, StorageKey::first_party(origin), scope, Incarnation(7));
    let wait = StoredWait { until: WallTime::from_unix_ms(1_700_000_030_000), length: Duration::from_secs(30) };
    let states = [
        StoredState::Pending(None),
        StoredState::Pending(Some(wait)),
        StoredState::Waiting(wait, false),
        StoredState::Waiting(wait, true),
        StoredState::Firing(false),
        StoredState::Firing(true),
        StoredState::ReregisteredWhileFiring,
    ];
    let record = |(number, state)| StoredRegistration {
        sequence: Sequence(number),
        key: key.clone(),
        tag: if number == 2 { Tag::from_utf16(&[0x61, 0xD800]) } else { Tag::from("outbox") },
        state,
        // those in all were not counted: those in a row are the least there were
        series: Series { attempts: 2, free_in_a_row: 1, free_in_all: 1 },
        registered: Observed { wall: WallTime::from_unix_ms(1_700_000_000_000), running: Duration::from_secs(3_600) },
        network: (number == 3).then_some(NetworkIdentity::from(0xDEAD_BEEF)),
    };
    (1..).zip(states).map(record).collect()
}

fn budgets() -> Vec<StoredBudget> {
    let at = WallTime::from_unix_ms(1_700_000_000_000);
    let of = |origin, entries| StoredBudget { partition: PARTITION, origin: Origin::parse(origin).unwrap(), entries };
    vec![
        of("https://chat.example", vec![(at, 1, Duration::from_secs(90)), (at, 0, Duration::from_secs(12))]),
        of("https://mail.example", vec![(at, 1, Duration::from_secs(180))]),
    ]
}

#[test]
fn a_store_of_format_1_with_records_of_version_1_loads_whole_and_is_written_to() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    fs::write(&path, FORMAT_1_RECORDS_1).unwrap();
    let mut expected = StoreContents {
        registrations: registrations(),
        budgets: budgets(),
        profile: Some(StoredProfile {
            next_sequence: Sequence(1_024),
            running: Duration::from_secs(3_600),
            network_secret: [1, u64::MAX],
        }),
        lost: 0,
    };
    let (mut store, reports) = open(&path);
    assert_eq!(load(&mut store).unwrap(), expected);
    commit(&mut store, vec![put(1_024)]).unwrap();
    drop(store);
    expected.registrations.push(registration(1_024));
    assert_eq!(load(&mut open(&path).0).unwrap(), expected);
    assert_eq!(*reports.lock().unwrap(), [], "nothing is wrong with it");
}
