//! Files that earlier revisions wrote load with everything in them.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use background_sync::{
    NetworkSecret, StoreContents, StoreOp, StoredProfile,
    policy::{Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey, SyncKind},
    registration::{
        MinInterval, NetworkIdentity, Observed, Schedule, Sequence, Series, StoredRegistration, StoredState,
        StoredWait, Tag, WallTime,
    },
    scheduler::StoredBudget,
};
use background_sync_store::{StoreReport, inspect};
use redb::{Database, ReadableDatabase, TableDefinition};
use tempfile::TempDir;

use super::open;
use crate::common::{commit, load, put, registration};

/// A file that some revision wrote: seven registrations, one a state, two budgets, a profile record.
struct Golden {
    name: &'static str,
    bytes: &'static [u8],
    /// The free outcomes in all that its registrations have.
    free_in_all: u32,
    /// The number of the registration that is a periodic one.
    periodic: Option<u64>,
    /// Whether that one has a schedule, and origins and profile have something for periodic syncs.
    schedules: bool,
}

const GOLDEN: [Golden; 4] = [
    // Written before free outcomes were counted in all, where those in a row are the least there were, and before
    // bookings of a budget were put together.
    Golden {
        name: "format 1, records 1",
        bytes: include_bytes!("../golden/format-1-records-1.redb"),
        free_in_all: 1,
        periodic: None,
        schedules: false,
    },
    // Written when there were only one-shot syncs.
    Golden {
        name: "format 1, records 2",
        bytes: include_bytes!("../golden/format-1-records-2.redb"),
        free_in_all: 5,
        periodic: None,
        schedules: false,
    },
    // Written before periodic syncs had a schedule, and before anything was kept of origins and profile for them.
    Golden {
        name: "format 2, records 3",
        bytes: include_bytes!("../golden/format-2-records-3.redb"),
        free_in_all: 5,
        periodic: Some(4),
        schedules: false,
    },
    Golden {
        name: "format 3, records 4",
        bytes: include_bytes!("../golden/format-3-records-4.redb"),
        free_in_all: 5,
        periodic: Some(4),
        schedules: true,
    },
];

const PARTITION: Partition = Partition::Profile(PartitionId(3));

/// A registration of each state, with every field in use.
fn registrations(golden: &Golden) -> Vec<StoredRegistration> {
    let origin = Origin::parse("https://chat.example").unwrap();
    let key =
        RegistrationKey::new(PARTITION, StorageKey::first_party(origin), "https://chat.example/app/", Incarnation(7))
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
    let record = |(number, state)| StoredRegistration {
        sequence: Sequence(number),
        key: key.clone(),
        kind: if golden.periodic == Some(number) { SyncKind::Periodic } else { SyncKind::OneShot },
        tag: if number == 2 { Tag::from_utf16(&[0x61, 0xD800]) } else { Tag::from("outbox") },
        state,
        series: Series::new(2, 1, golden.free_in_all),
        registered: Observed { wall: WallTime::from_unix_ms(1_700_000_000_000), running: Duration::from_secs(3_600) },
        network: (number == 3).then_some(NetworkIdentity::from(0xDEAD_BEEF)),
        schedule: (golden.schedules && golden.periodic == Some(number))
            .then(|| Schedule::new(MinInterval::from_ms((1 << 53) - 1), WallTime::from_unix_ms(1_700_000_000_001))),
    };
    (1..).zip(states).map(record).collect()
}

fn budgets(golden: &Golden) -> Vec<StoredBudget> {
    let at = WallTime::from_unix_ms(1_700_000_000_000);
    let of = |origin, entries| StoredBudget::new(PARTITION, Origin::parse(origin).unwrap(), entries);
    vec![
        of("https://chat.example", vec![(at, 1, Duration::from_secs(90)), (at, 0, Duration::from_secs(12))])
            .with_periodic(golden.of_periodic_syncs()),
        of("https://mail.example", vec![(at, 1, Duration::from_secs(180))]),
    ]
}

impl Golden {
    /// A store does not know what is in it.
    fn of_periodic_syncs(&self) -> Vec<u8> {
        if self.schedules { vec![1, 0, 0xFF] } else { Vec::new() }
    }

    fn contents(&self) -> StoreContents {
        let secret = NetworkSecret::from([1, u64::MAX]);
        let profile = StoredProfile::new(Sequence(1_024), Duration::from_secs(3_600), secret);
        StoreContents::new(
            registrations(self),
            budgets(self),
            Some(profile.with(|it| it.periodic = self.of_periodic_syncs())),
            0,
        )
    }

    /// Writes the file into a directory.
    fn put_into(&self, directory: &TempDir) -> PathBuf {
        let path = directory.path().join("sync.redb");
        fs::write(&path, self.bytes).unwrap();
        path
    }
}

fn format_of(path: &Path) -> u32 {
    let database = Database::open(path).unwrap();
    let meta = database.begin_read().unwrap().open_table(TableDefinition::<&[u8], &[u8]>::new("meta")).unwrap();
    let format = meta.get(b"format".as_slice()).unwrap().unwrap();
    background_sync_registration::open(1, format.value()).unwrap()
}

#[test]
fn what_an_earlier_revision_wrote_loads_whole_and_is_written_to() {
    for golden in &GOLDEN {
        let directory = tempfile::tempdir().unwrap();
        let path = golden.put_into(&directory);
        let mut expected = golden.contents();
        assert_eq!(inspect(&path).unwrap().contents, expected, "{}", golden.name);
        let (mut store, reports) = open(&path);
        assert_eq!(load(&mut store).unwrap(), expected, "{}", golden.name);
        commit(&mut store, vec![put(1_024)]).unwrap();
        drop(store);
        expected.registrations.push(registration(1_024));
        assert_eq!(load(&mut open(&path).0).unwrap(), expected, "{}", golden.name);
        assert_eq!(*reports.lock().unwrap(), [], "{}: nothing is wrong with it", golden.name);
    }
}

#[test]
fn a_file_is_of_the_present_format_from_its_first_batch_on() {
    for golden in &GOLDEN {
        let directory = tempfile::tempdir().unwrap();
        let path = golden.put_into(&directory);
        let before = format_of(&path);
        load(&mut open(&path).0).unwrap();
        assert_eq!(format_of(&path), before, "{}: nothing is in it that the older program cannot read", golden.name);
        commit(&mut open(&path).0, vec![StoreOp::RemoveRegistration(Sequence(1))]).unwrap();
        assert_eq!(format_of(&path), 3, "{}", golden.name);
    }
}

#[test]
fn a_damaged_file_of_an_older_format_is_rescued() {
    for golden in &GOLDEN {
        let directory = tempfile::tempdir().unwrap();
        let path = golden.put_into(&directory);
        let mut bytes = golden.bytes.to_vec();
        // the key of a budget, which is in no checksum of a record and in one of redb's
        let of_budget = b"https://mail.example";
        let at = bytes.windows(of_budget.len()).position(|window| window == of_budget).unwrap();
        bytes[at] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let (mut store, reports) = open(&path);
        let contents = load(&mut store).unwrap();
        assert_eq!(contents.registrations, golden.contents().registrations, "{}", golden.name);
        assert_eq!(contents.lost, 1, "{}", golden.name);
        commit(&mut store, vec![put(1_024)]).unwrap();
        drop(store);
        let reports = reports.lock().unwrap();
        assert!(
            matches!(reports[..], [StoreReport::MovedAside { kept: 9, lost: 1, .. }]),
            "{}: {reports:?}",
            golden.name
        );
        assert_eq!(format_of(&path), 3, "{}", golden.name);
    }
}
