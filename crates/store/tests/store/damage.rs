//! Damaged records are set aside, damaged files moved, and what is sound is kept.

use std::{fs, path::Path};

use background_sync::{StoreContents, StoreOp};
use background_sync_registration::seal;
use background_sync_store::StoreReport;
use redb::{Database, ReadableDatabase, ReadableTableMetadata, Table, TableDefinition};

use super::open;
use crate::{
    common::{commit, load, put, registration},
    records::{budget, profile},
};

const REGISTRATIONS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("registrations");
const BUDGETS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("budgets");
const META: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("meta");
const SET_ASIDE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("set_aside");

/// A store with registrations 0 to 9, budgets 0 and 1, and a profile: thirteen rows.
fn filled(path: &Path) -> StoreContents {
    let (mut store, _) = open(path);
    let mut ops: Vec<StoreOp> = (0..10).map(put).collect();
    ops.extend([0, 1].map(|number| StoreOp::PutBudget(budget(number))));
    ops.push(StoreOp::PutProfile(profile(10)));
    commit(&mut store, ops).unwrap();
    // not loaded: a load would put wrong counts right
    StoreContents::new((0..10).map(registration).collect(), vec![budget(0), budget(1)], Some(profile(10)), 0)
}

/// Writes into a table behind the store's back, as a mistake in a program would.
fn meddle<K: redb::Key + 'static>(
    path: &Path,
    table: TableDefinition<'_, K, &'static [u8]>,
    meddle: impl FnOnce(&mut Table<'_, K, &'static [u8]>),
) {
    let database = Database::create(path).unwrap();
    let transaction = database.begin_write().unwrap();
    meddle(&mut transaction.open_table(table).unwrap());
    transaction.commit().unwrap();
}

fn rows_set_aside(path: &Path) -> u64 {
    let database = Database::create(path).unwrap();
    database.begin_read().unwrap().open_table(SET_ASIDE).unwrap().len().unwrap()
}

/// What is wrong, and the registration it was written over.
type Case = (&'static str, Box<dyn Fn(&[u8]) -> Vec<u8>>);

#[test]
fn each_kind_of_damaged_registration_is_set_aside_and_the_rest_loads() {
    let of_other_origin = {
        let row = registration(4);
        let key =
            (row.key.partition(), (row.key.origin(), None::<&str>), "https://evil.example/", row.key.incarnation());
        seal(3, &(row.sequence, key, row.kind, row.tag, row.state, row.series, row.registered, row.network))
    };
    let cases: [Case; 7] = [
        ("cut short", Box::new(|_| vec![1, 2])),
        ("checksum", Box::new(|row| [row, b"!"].concat())),
        ("checksum", Box::new(|row| vec![0; row.len()])),
        ("version 9", Box::new(|_| seal(9, &1_u8))),
        ("no sense", Box::new(|_| seal(1, &(7_u64, "\u{1}")))),
        ("no sense", Box::new(move |_| of_other_origin.clone())),
        ("registration 8 under another number", Box::new(|_| registration(8).encode())),
    ];
    for (why, damage) in cases {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sync.redb");
        let mut expected = filled(&path);
        let row = damage(&registration(4).encode());
        meddle(&path, REGISTRATIONS, |table| drop(table.insert(4, row.as_slice()).unwrap()));
        expected.registrations.remove(4);
        expected.lost = 1;

        let (mut store, reports) = open(&path);
        assert_eq!(load(&mut store).unwrap(), expected, "{why}");
        let [StoreReport::SetAside { record, why: said }] = &reports.lock().unwrap()[..] else {
            panic!("{why}: one report")
        };
        assert!(record == "registration 4" && said.contains(why), "{record}: {said}");
        assert_eq!(store.stats().set_aside, 1);
        expected.lost = 0;
        assert_eq!(load(&mut store).unwrap(), expected, "told once");
        drop(store);
        assert_eq!(rows_set_aside(&path), 1);
    }
}

#[test]
fn damaged_budgets_and_meta_records_are_set_aside_too() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let mut expected = filled(&path);
    meddle(&path, BUDGETS, |table| {
        table.insert([0xFF; 12].as_slice(), budget(1).encode().as_slice()).unwrap();
        table.insert(b"\xC3\x28".as_slice(), b"rubbish".as_slice()).unwrap();
    });
    meddle(&path, META, |table| {
        table.insert(b"profile".as_slice(), b"rubbish!".as_slice()).unwrap();
        table.insert(b"counts".as_slice(), b"rubbish!".as_slice()).unwrap();
    });
    expected.profile = None;
    expected.lost = 4;
    let (mut store, reports) = open(&path);
    assert_eq!(load(&mut store).unwrap(), expected);
    assert_eq!(store.stats().set_aside, 4);
    assert_eq!(reports.lock().unwrap().len(), 4);
    commit(&mut store, vec![put(10)]).unwrap();
    drop(store);
    let (mut store, _) = open(&path);
    let contents = load(&mut store).unwrap();
    assert_eq!((contents.registrations.len(), contents.lost), (11, 0), "the counts are right again");
}

#[test]
fn a_commit_over_damaged_counts_does_not_hide_what_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    filled(&path);
    meddle(&path, META, |table| drop(table.insert(b"counts".as_slice(), b"rubbish!".as_slice()).unwrap()));
    let (mut store, _) = open(&path);
    commit(&mut store, vec![put(10)]).unwrap();
    let contents = load(&mut store).unwrap();
    assert_eq!((contents.registrations.len(), contents.lost), (11, 0));
}

#[test]
fn missing_rows_show_in_the_count() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    filled(&path);
    meddle(&path, REGISTRATIONS, |table| {
        table.remove(3).unwrap();
        table.remove(4).unwrap();
    });
    meddle(&path, META, |table| drop(table.remove(b"profile".as_slice()).unwrap()));
    let (mut store, reports) = open(&path);
    let contents = load(&mut store).unwrap();
    assert_eq!((contents.registrations.len(), contents.lost), (8, 3));
    assert_eq!(*reports.lock().unwrap(), [StoreReport::Missing { rows: 3 }]);
    assert_eq!(store.stats().missing, 3);
    assert_eq!(load(&mut store).unwrap().lost, 0, "told once");
}

#[test]
fn the_newest_thousand_damaged_records_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    for round in 0..3_u64 {
        drop(open(&path));
        meddle(&path, REGISTRATIONS, |table| {
            for number in 0..400 {
                table.insert(number, [round as u8; 3].as_slice()).unwrap();
            }
        });
        assert_eq!(load(&mut open(&path).0).unwrap().lost, 400);
    }
    assert_eq!(rows_set_aside(&path), 1_000);
    let database = Database::create(&path).unwrap();
    let table = database.begin_read().unwrap().open_table(SET_ASIDE).unwrap();
    let first = redb::ReadableTable::first(&table).unwrap().unwrap().0.value();
    assert_eq!(first, 201, "the oldest 200 went");
}

#[test]
fn an_empty_file_is_a_new_store() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    fs::write(&path, []).unwrap();
    let (mut store, reports) = open(&path);
    assert_eq!(load(&mut store), Ok(StoreContents::default()));
    assert_eq!(*reports.lock().unwrap(), []);
}

#[test]
fn what_is_no_database_is_moved_aside_and_never_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    for (number, text) in [(1, "a letter"), (2, "another letter")] {
        fs::write(&path, text).unwrap();
        let (mut store, reports) = open(&path);
        let contents = load(&mut store).unwrap();
        assert_eq!(contents, StoreContents::default().with(|it| it.lost = 1), "nobody knows how many");
        let moved_to = directory.path().join(format!("sync.redb.damaged-{number}"));
        let [StoreReport::MovedAside { to, kept: 0, lost: 1, .. }] = &reports.lock().unwrap()[..] else {
            panic!("one report")
        };
        assert_eq!(*to, moved_to);
        assert_eq!(store.stats().moved_aside, 1);
        commit(&mut store, vec![put(1)]).unwrap();
    }
    let read = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap();
    assert_eq!(read("sync.redb.damaged-1"), "a letter");
    assert_eq!(read("sync.redb.damaged-2"), "another letter");
}

#[test]
fn the_hundred_and_first_damaged_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    for number in 1..=100 {
        fs::write(directory.path().join(format!("sync.redb.damaged-{number}")), "").unwrap();
    }
    fs::write(&path, "a letter").unwrap();
    let error = background_sync_store::RedbStore::open(&path, |_| {}).unwrap_err();
    assert!(matches!(error, background_sync_store::OpenError::TooManyDamaged(_)), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "a letter");
}
