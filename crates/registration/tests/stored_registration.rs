//! The stored form: what was written once stays readable, and what is damaged is noticed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use background_sync_policy::{
    Incarnation, Origin, Partition, PartitionId, RegistrationKey, Scope, StorageKey, SyncKind,
};
use background_sync_registration::{
    Damage, NetworkIdentity, Observed, Sequence, Series, StoredRegistration, StoredState, StoredWait, Tag, WallTime,
};
use proptest::prelude::*;

/// One record of each state, with every field in use.
fn records(free_in_all: u32) -> Vec<StoredRegistration> {
    let origin = Origin::parse("https://chat.example").unwrap();
    let scope = Scope::parse("https://chat.example/app/", &origin).unwrap();
    let partition = Partition::Profile(PartitionId(3));
    let key = RegistrationKey::new(partition, StorageKey::first_party(origin), scope, Incarnation(7));
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
    let record = |(n, state)| StoredRegistration {
        sequence: Sequence(n),
        key: key.clone(),
        kind: SyncKind::OneShot,
        tag: if n == 2 { Tag::from_utf16(&[0x61, 0xD800]) } else { Tag::from("outbox") },
        state,
        series: Series { attempts: 2, free_in_a_row: 1, free_in_all },
        registered: Observed { wall: WallTime::from_unix_ms(1_700_000_000_000), running: Duration::from_secs(3_600) },
        network: (n == 3).then_some(NetworkIdentity(0xDEAD_BEEF)),
    };
    (1..).zip(states).map(record).collect()
}

/// The same as they are written now. One is periodic.
fn records_now() -> Vec<StoredRegistration> {
    let mut records = records(5);
    records[3].kind = SyncKind::Periodic;
    records
}

/// Every version that was ever written: one line a record, in hexadecimal, in the order of [`records`].
fn golden(text: &str) -> Vec<Vec<u8>> {
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).map(unhex).collect();
    assert_eq!(lines.len(), 7, "one line a state");
    lines
}

#[test]
fn version_1_stays_readable() {
    // It did not count free outcomes in all: those in a row are the least there were.
    for (bytes, record) in golden(include_str!("golden/version-1.txt")).into_iter().zip(records(1)) {
        assert_eq!(StoredRegistration::decode(&bytes), Ok(record));
    }
}

#[test]
fn version_2_stays_readable() {
    for (bytes, record) in golden(include_str!("golden/version-2.txt")).into_iter().zip(records(5)) {
        assert_eq!(StoredRegistration::decode(&bytes), Ok(record), "there were only one-shot syncs");
    }
}

#[test]
fn version_3_stays_readable_and_is_what_is_written() {
    for (bytes, record) in golden(include_str!("golden/version-3.txt")).into_iter().zip(records_now()) {
        assert_eq!(hex(&record.encode()), hex(&bytes), "what is written has changed: that is another version");
        assert_eq!(StoredRegistration::decode(&bytes), Ok(record));
    }
}

#[test]
fn damage_is_named() {
    let bytes = records(5)[0].encode();
    assert_eq!(StoredRegistration::decode(&bytes[..4]), Err(Damage::CutShort));
    assert_eq!(StoredRegistration::decode(&bytes[..bytes.len() - 1]), Err(Damage::Checksum));
    assert_eq!(StoredRegistration::decode(&[0; 64]), Err(Damage::Checksum));
    let newer = background_sync_registration::seal(9, &records(5)[0]);
    assert_eq!(StoredRegistration::decode(&newer), Err(Damage::UnknownVersion(9)));
    let other = background_sync_registration::seal(1, &"not a registration");
    assert_eq!(StoredRegistration::decode(&other), Err(Damage::Malformed));
    let longer = background_sync_registration::seal(3, &(&records(5)[0], 0_u8));
    assert_eq!(StoredRegistration::decode(&longer), Err(Damage::Malformed));
}

proptest! {
    #[test]
    fn one_wrong_bit_is_always_noticed(which in 0_usize..7, at in any::<prop::sample::Index>(), bit in 0_u32..8) {
        let mut bytes = records_now()[which].encode();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(StoredRegistration::decode(&bytes).is_err());
    }

    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(StoredRegistration::decode(&bytes).is_err());
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
