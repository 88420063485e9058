//! The stored form: what was written once stays readable, and what is damaged is noticed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use background_sync_policy::{Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey, SyncKind};
use background_sync_registration::{
    Damage, MinInterval, NetworkIdentity, Now, Observed, Schedule, Sequence, Series, StoredDecoder, StoredRegistration,
    StoredState, StoredWait, SyncRegistration, Tag, WallTime,
};
use proptest::prelude::*;

/// One record of each state, with every field in use.
fn records(free_in_all: u32) -> Vec<StoredRegistration> {
    let origin = Origin::parse("https://chat.example").unwrap();
    let partition = Partition::Profile(PartitionId(3));
    let key =
        RegistrationKey::new(partition, StorageKey::first_party(origin), "https://chat.example/app/", Incarnation(7))
            .unwrap();
    let wait = StoredWait::new(WallTime::from_unix_ms(1_700_000_030_000), Duration::from_secs(30));
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
        series: Series::new(2, 1, free_in_all),
        registered: Observed { wall: WallTime::from_unix_ms(1_700_000_000_000), running: Duration::from_secs(3_600) },
        network: (n == 3).then_some(NetworkIdentity::from(0xDEAD_BEEF)),
        schedule: None,
    };
    (1..).zip(states).map(record).collect()
}

/// The same when there were two kinds. One is periodic.
fn records_of_two_kinds() -> Vec<StoredRegistration> {
    let mut records = records(5);
    records[3].kind = SyncKind::Periodic;
    records
}

/// The same as they are written now.
fn records_now() -> Vec<StoredRegistration> {
    let mut records = records_of_two_kinds();
    let anchor = WallTime::from_unix_ms(-1_700_000_000_001);
    records[3].schedule = Some(Schedule::new(MinInterval::from_ms(u64::MAX), anchor));
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
fn version_3_stays_readable() {
    for (bytes, record) in golden(include_str!("golden/version-3.txt")).into_iter().zip(records_of_two_kinds()) {
        assert_eq!(StoredRegistration::decode(&bytes), Ok(record.clone()), "a periodic one had no schedule");
        let again = SyncRegistration::from_stored(&record, Now::default());
        let since_then = Schedule::new(MinInterval::default(), record.registered.wall);
        assert_eq!(again.schedule(), (record.kind == SyncKind::Periodic).then_some(since_then));
    }
}

#[test]
fn version_4_stays_readable_and_is_what_is_written() {
    for (bytes, record) in golden(include_str!("golden/version-4.txt")).into_iter().zip(records_now()) {
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
    let longer = background_sync_registration::seal(4, &(&records(5)[0], 0_u8));
    assert_eq!(StoredRegistration::decode(&longer), Err(Damage::Malformed));
}

#[test]
fn a_decoder_makes_each_key_once() {
    let mut decoder = StoredDecoder::default();
    let read: Vec<_> = records_now().iter().map(|record| decoder.decode(&record.encode()).unwrap()).collect();
    assert_eq!(read, records_now());
    assert!(read.iter().all(|record| record.key.address() == read[0].key.address()), "one key for all");
    let mut other = records_now().swap_remove(0);
    let elsewhere = Partition::Profile(PartitionId(4));
    other.key = RegistrationKey::new(
        elsewhere,
        other.key.storage_key().clone(),
        other.key.scope().as_str(),
        other.key.incarnation(),
    )
    .unwrap();
    assert_eq!(decoder.decode(&other.encode()), Ok(other));
}

/// A record that is sound but for these parts of its key.
fn record_with(origin: &str, scope: &str) -> Vec<u8> {
    let record = records_now().swap_remove(0);
    let key = (record.key.partition(), (origin, None::<&str>), scope, record.key.incarnation());
    let StoredRegistration { sequence, kind, tag, state, series, registered, network, schedule, .. } = record;
    background_sync_registration::seal(4, &(sequence, key, kind, tag, state, series, registered, network, schedule))
}

/// What stands in a file is looked at like what a host says.
#[test]
fn a_key_that_could_not_be_made_is_damage() {
    let mut decoder = StoredDecoder::default();
    let sound = records_now().swap_remove(0);
    let bytes = record_with("https://chat.example", "https://chat.example/app/");
    assert_eq!(decoder.decode(&bytes), Ok(sound.clone()));
    for (origin, scope) in [
        ("https://chat.example", "https://other.example/"),
        ("https://chat.example", "https://chat.example.other.example/"),
        ("https://chat.example", "javascript:alert(1)"),
        ("https://chat.example", "https://chat.example/app/#fragment"),
        ("https://chat.example", "https://chat.example/a b"),
        ("https://chat.example", "/app/"),
        ("https://chat.example/", "https://chat.example/app/"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("null", "https://chat.example/app/"),
    ] {
        let bytes = record_with(origin, scope);
        for _ in 0..2 {
            assert_eq!(decoder.decode(&bytes), Err(Damage::Malformed), "{origin}, {scope}");
        }
        assert_eq!(StoredRegistration::decode(&bytes), Err(Damage::Malformed), "{origin}, {scope}");
        let key = serde_json::json!({
            "partition": { "Profile": 3 },
            "storage_key": { "origin": origin, "partitioned_by": null },
            "scope": scope,
            "incarnation": 7,
        });
        assert!(serde_json::from_value::<RegistrationKey>(key).is_err(), "{origin}, {scope}");
    }
    let readable = serde_json::to_value(&sound.key).unwrap();
    assert_eq!(serde_json::from_value::<RegistrationKey>(readable).unwrap(), sound.key);
}

#[test]
fn a_key_of_an_engines_own_scheme_is_read_back() {
    let origin = Origin::from_tuple("app", "chat", None).unwrap();
    let partition = Partition::Profile(PartitionId(3));
    let key =
        RegistrationKey::new(partition, StorageKey::first_party(origin), "app://chat/a/", Incarnation(7)).unwrap();
    let record = StoredRegistration { key, ..records_now().swap_remove(0) };
    assert_eq!(StoredRegistration::decode(&record.encode()), Ok(record));
}

#[test]
fn a_decoder_reads_every_version() {
    let mut decoder = StoredDecoder::default();
    let versions = [
        (include_str!("golden/version-1.txt"), records(1)),
        (include_str!("golden/version-2.txt"), records(5)),
        (include_str!("golden/version-3.txt"), records_of_two_kinds()),
        (include_str!("golden/version-4.txt"), records_now()),
    ];
    for (text, records) in versions {
        for (bytes, record) in golden(text).into_iter().zip(records) {
            assert_eq!(decoder.decode(&bytes), Ok(record));
        }
    }
}

/// Keys that differ in all they can differ in, some of them often the same.
fn keys() -> impl Strategy<Value = RegistrationKey> {
    let origin = prop_oneof![
        (0..3_u8).prop_map(|number| format!("https://site-{number}.example")),
        Just("https://xn--mnchen-3ya.example:8443".to_owned()),
        "[a-z]{1,300}".prop_map(|name| format!("http://{name}.example")),
    ];
    let partitioned_by = prop_oneof![Just(None), "\\PC{0,200}".prop_map(Some)];
    (origin, partitioned_by, "[a-z/]{0,200}", any::<bool>(), any::<u64>(), 0..3_u64).prop_map(
        |(origin, partitioned_by, path, private, partition, incarnation)| {
            let origin = Origin::parse(&origin).unwrap();
            let scope = format!("{}/{path}", origin.as_str());
            let storage_key = match partitioned_by {
                Some(site) => StorageKey::third_party(origin, &site),
                None => StorageKey::first_party(origin),
            };
            let partition = PartitionId(partition);
            let partition = if private { Partition::Private(partition) } else { Partition::Profile(partition) };
            RegistrationKey::new(partition, storage_key, &scope, Incarnation(incarnation)).unwrap()
        },
    )
}

fn any_byte() -> impl Strategy<Value = u8> {
    prop_oneof![0..4_u8, Just(0x80), Just(0xff), any::<u8>()]
}

/// Numbers of every length.
fn number() -> impl Strategy<Value = u64> {
    (any::<u64>(), 0..64_u32).prop_map(|(number, shift)| number >> shift)
}

fn duration() -> impl Strategy<Value = Duration> {
    (number(), 0..1_000_000_000_u32).prop_map(|(seconds, nanos)| Duration::new(seconds, nanos))
}

fn wall() -> impl Strategy<Value = WallTime> {
    (number(), any::<bool>()).prop_map(|(number, before)| {
        let ms = number.cast_signed();
        WallTime::from_unix_ms(if before { ms.wrapping_neg() } else { ms })
    })
}

fn state() -> impl Strategy<Value = StoredState> {
    let wait = || (wall(), duration()).prop_map(|(until, length)| StoredWait::new(until, length));
    prop_oneof![
        prop::option::of(wait()).prop_map(StoredState::Pending),
        (wait(), any::<bool>()).prop_map(|(wait, deferred)| StoredState::Waiting(wait, deferred)),
        any::<bool>().prop_map(StoredState::Firing),
        Just(StoredState::ReregisteredWhileFiring),
    ]
}

/// Any registration at all.
fn record() -> impl Strategy<Value = StoredRegistration> {
    let tag = prop_oneof![
        "\\PC{0,40}".prop_map(|text| Tag::from(text.as_str())),
        prop::collection::vec(any::<u16>(), 0..30).prop_map(|units| Tag::from_utf16(&units)),
    ];
    let kind = prop::sample::select(SyncKind::ALL.as_slice());
    let word = || number().prop_map(|number| number as u32);
    let series = (word(), word(), word());
    let what = (number(), keys(), kind, tag);
    let schedule = prop::option::of((number(), wall()));
    (what, state(), series, (wall(), duration()), prop::option::of(number()), schedule).prop_map(
        |((sequence, key, kind, tag), state, series, (wall, running), network, schedule)| StoredRegistration {
            sequence: Sequence(sequence),
            key,
            kind,
            tag,
            state,
            series: Series::new(series.0, series.1, series.2),
            registered: Observed { wall, running },
            network: network.map(NetworkIdentity::from),
            schedule: schedule.map(|(ms, anchor)| Schedule::new(MinInterval::from_ms(ms), anchor)),
        },
    )
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
    fn a_decoder_reads_what_plain_decoding_reads(
        rows in prop::collection::vec((0_usize..7, keys(), prop::option::of((any::<prop::sample::Index>(), any::<u8>()))), 1..20),
    ) {
        let mut decoder = StoredDecoder::default();
        for (which, key, damage) in rows {
            let record = StoredRegistration { key, ..records_now().swap_remove(which) };
            let mut bytes = record.encode();
            if let Some((at, byte)) = damage {
                // with a checksum that fits, so that what is damaged is read
                let at = 5 + at.index(bytes.len() - 5);
                bytes[at] = byte;
                bytes = resealed(&bytes);
            }
            prop_assert_eq!(decoder.decode(&bytes), StoredRegistration::decode(&bytes));
        }
    }

    #[test]
    fn a_decoder_reads_every_record_as_it_was_written(records in prop::collection::vec(record(), 1..8)) {
        let mut decoder = StoredDecoder::default();
        for record in records {
            let bytes = record.encode();
            prop_assert_eq!(StoredRegistration::decode(&bytes), Ok(record.clone()));
            prop_assert_eq!(decoder.decode(&bytes), Ok(record));
        }
    }

    /// Bytes are taken out, put in and changed, so that numbers are too long, texts end early and choices are unknown.
    #[test]
    fn a_decoder_finds_the_same_damage_as_plain_decoding(
        record in record(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, any_byte()), 1..4),
    ) {
        let mut decoder = StoredDecoder::default();
        let mut bytes = record.encode();
        decoder.decode(&bytes).unwrap();
        for (at, change, byte) in changes {
            let at = 5 + at.index(bytes.len() - 5);
            match change {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
            bytes = resealed(&bytes);
            prop_assert_eq!(decoder.decode(&bytes), StoredRegistration::decode(&bytes));
        }
    }

    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(StoredRegistration::decode(&bytes).is_err());
        prop_assert!(StoredDecoder::default().decode(&bytes).is_err());
        let sealed = resealed(&[&[3, 0, 0, 0, 0], bytes.as_slice()].concat());
        prop_assert_eq!(StoredDecoder::default().decode(&sealed), StoredRegistration::decode(&sealed));
    }
}

/// The same record with the checksum that fits its content.
fn resealed(bytes: &[u8]) -> Vec<u8> {
    let body = &bytes[5..];
    let sum = crc32fast::hash(&[&bytes[..1], body].concat());
    [&bytes[..1], &sum.to_le_bytes(), body].concat()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
