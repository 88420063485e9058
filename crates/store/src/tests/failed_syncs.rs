//! What a store says and does when a sync fails, one case at a time.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use background_sync::StoreFailure;
use background_sync_registration::seal;
use redb::{Database, ReadableDatabase, ReadableTableMetadata, backends::InMemoryBackend};

use super::OPEN;
use crate::tests::{
    common::{commit, load, put, registration},
    model::ModelDisk,
    stand_in::{place, rewrite},
};
use crate::{
    RedbStore, StoreReport,
    layout::{REGISTRATIONS, SET_ASIDE},
};

type Reports = Arc<Mutex<Vec<StoreReport>>>;

fn open(disk: &ModelDisk) -> (RedbStore, Reports) {
    let reports = Reports::default();
    let sink = reports.clone();
    let store = OPEN(place(disk), Box::new(move |report| sink.lock().unwrap().push(report)));
    (store.unwrap(), reports)
}

/// A store with registrations 0 to 3, each of its own commit.
fn filled() -> (ModelDisk, RedbStore, Reports) {
    let disk = ModelDisk::new(&BTreeMap::new(), 1);
    let (mut store, reports) = open(&disk);
    load(&mut store).unwrap();
    for number in 0..4 {
        commit(&mut store, vec![put(number)]).unwrap();
    }
    (disk, store, reports)
}

fn numbers(store: &mut RedbStore) -> Vec<u64> {
    let contents = load(store).unwrap();
    assert_eq!(contents.lost, 0);
    contents.registrations.iter().map(|registration| registration.sequence.0).collect()
}

/// What another process finds after a power cut.
fn numbers_after_a_cut(disk: &ModelDisk) -> Vec<u64> {
    numbers(&mut open(&ModelDisk::new(&disk.cut(), 1)).0)
}

fn names(disk: &ModelDisk) -> Vec<String> {
    disk.shown().keys().map(|name| name.display().to_string()).collect()
}

fn says_lost(result: &Result<(), StoreFailure>) -> bool {
    matches!(result, Err(StoreFailure::ContentsLost(_)))
}

#[test]
fn a_batch_whose_sync_failed_is_acknowledged_only_in_a_new_file() {
    let (disk, mut store, reports) = filled();
    disk.fail_next_syncs(1);
    let result = commit(&mut store, vec![put(4)]);
    let expected: Vec<u64> = if result.is_ok() { (0..5).collect() } else { (0..4).collect() };
    assert_eq!(numbers_after_a_cut(&disk), expected);
    assert_eq!(numbers(&mut store), expected);
    let records = expected.len() as u64;
    let [StoreReport::WrittenAnew { after, records: said, moved_to: None, .. }] = &reports.lock().unwrap()[..] else {
        panic!("one report")
    };
    assert_eq!(*said, records);
    assert!(after.contains("a sync failed") && after.contains("the disk did not take it"), "{after}");
    assert_eq!(store.stats().written_anew, 1);
    assert_eq!(names(&disk), ["sync.redb"]);
}

#[test]
fn nothing_is_acknowledged_while_no_new_file_can_be_written() {
    let (disk, mut store, _) = filled();
    disk.fail_syncs(100);
    for number in 4..7 {
        let failure = commit(&mut store, vec![put(number)]).unwrap_err();
        assert!(matches!(&failure, StoreFailure::Failed(why) if why.contains("the disk did not take it")), "{failure}");
        assert_eq!(numbers_after_a_cut(&disk)[..4], [0, 1, 2, 3]);
        assert_eq!(numbers(&mut store)[..4], [0, 1, 2, 3], "it can be read meanwhile");
    }
    let stats = store.stats();
    assert_eq!((stats.written_anew, stats.contents_lost, stats.failed_commits), (0, 0, 3));
    disk.fail_syncs(0);
    commit(&mut store, vec![put(9)]).unwrap();
    let there = numbers(&mut store);
    assert_eq!(there.last(), Some(&9));
    assert_eq!(numbers_after_a_cut(&disk), there);
    assert_eq!(store.stats().written_anew, 1);
}

#[test]
fn a_process_that_finds_a_file_in_doubt_reads_it_and_writes_it_anew_first() {
    let (disk, mut store, _) = filled();
    disk.fail_syncs(100);
    commit(&mut store, vec![put(4)]).unwrap_err();
    drop(store);
    assert_eq!(names(&disk), ["sync.redb", "sync.redb.anew"]);
    let (mut store, reports) = open(&disk);
    assert_eq!(numbers(&mut store)[..4], [0, 1, 2, 3], "the disk takes nothing still");
    commit(&mut store, vec![put(5)]).unwrap_err();
    disk.fail_syncs(0);
    commit(&mut store, vec![put(6)]).unwrap();
    assert_eq!(numbers_after_a_cut(&disk).last(), Some(&6));
    assert!(matches!(reports.lock().unwrap()[..], [StoreReport::WrittenAnew { .. }]));
    assert_eq!(names(&disk), ["sync.redb"]);
}

#[test]
fn a_page_that_the_system_gives_up_while_it_is_read_is_no_loss() {
    for reads in 0..40 {
        let (disk, mut store, _) = filled();
        disk.fail_next_sync_and_evict_after(reads);
        commit(&mut store, (4..60).map(put).collect()).ok();
        assert_eq!(numbers_after_a_cut(&disk)[..4], [0, 1, 2, 3], "{reads}");
        assert_eq!(store.stats().contents_lost, 0, "{reads}");

        // as much for a load, while no new file can be written
        let (disk, mut store, reports) = filled();
        disk.fail_syncs(100);
        disk.fail_next_sync_and_evict_after(reads * 2);
        commit(&mut store, (4..60).map(put).collect()).unwrap_err();
        assert_eq!(numbers(&mut store)[..4], [0, 1, 2, 3], "{reads}: {:?}", reports.lock());
    }
}

/// Sees that a store which says that it lost something takes nothing but everything anew.
fn takes_everything_anew(disk: &ModelDisk, store: &mut RedbStore) {
    for number in 5..8 {
        assert!(says_lost(&commit(store, vec![put(number)])));
    }
    disk.fail_next_syncs(1);
    assert!(rewrite(store, (0..4).map(put).collect()).is_err());
    assert!(says_lost(&commit(store, vec![put(5)])), "the rewrite failed");
    rewrite(store, (0..4).map(put).collect()).unwrap();
    assert_eq!(numbers(store), [0, 1, 2, 3]);
    assert_eq!(numbers_after_a_cut(disk), [0, 1, 2, 3]);
    commit(store, vec![put(8)]).unwrap();
    assert_eq!(numbers_after_a_cut(disk), [0, 1, 2, 3, 8]);
    assert_eq!(store.stats().contents_lost, 1);
}

#[test]
fn a_file_that_holds_less_than_was_acknowledged_is_lost_until_everything_was_given_anew() {
    let (disk, mut store, reports) = filled();
    let before = disk.shown()[Path::new("sync.redb")].clone();
    commit(&mut store, vec![put(20)]).unwrap();
    // the disk goes back to what it had, and all of it fits together
    disk.fail_next_sync_leaving(&before);
    assert!(says_lost(&commit(&mut store, vec![put(4)])));
    takes_everything_anew(&disk, &mut store);
    assert_eq!(names(&disk), ["sync.redb"]);
    let reports = reports.lock().unwrap();
    let [StoreReport::ContentsLost { why, .. }, StoreReport::WrittenAnew { records: 4, moved_to: None, .. }] =
        &reports[..]
    else {
        panic!("{reports:?}")
    };
    assert!(why.contains("something else"), "{why}");
}

#[test]
fn a_file_that_cannot_be_opened_after_a_failed_sync_is_lost_and_kept() {
    let (disk, mut store, reports) = filled();
    disk.fail_next_sync_leaving(b"what is left of it");
    assert!(says_lost(&commit(&mut store, vec![put(4)])));
    takes_everything_anew(&disk, &mut store);
    assert_eq!(names(&disk), ["sync.redb", "sync.redb.damaged-1"]);
    assert_eq!(disk.shown()[Path::new("sync.redb.damaged-1")], b"what is left of it");
    let reports = reports.lock().unwrap();
    let [StoreReport::ContentsLost { .. }, StoreReport::WrittenAnew { records: 4, moved_to: Some(to), .. }] =
        &reports[..]
    else {
        panic!("{reports:?}")
    };
    assert_eq!(*to, PathBuf::from("sync.redb.damaged-1"));
    assert_eq!(store.stats().moved_aside, 1);
}

#[test]
fn a_rewrite_is_acknowledged_only_if_all_its_syncs_went_well_that_of_the_directory_too() {
    let (disk, mut store, _) = filled();
    let mut acknowledged = numbers(&mut store);
    for good in 0.. {
        let number = 10 + good as u64;
        disk.fail_sync_after(good);
        let failed = disk.failed_syncs();
        let result = rewrite(&mut store, [put(0), put(number)].into());
        let has_failed = disk.failed_syncs() > failed;
        let there = numbers_after_a_cut(&disk);
        if result.is_ok() {
            acknowledged = vec![0, number];
            assert_eq!(there, acknowledged, "{good}");
        } else {
            assert!(has_failed && (there == acknowledged || there == [0, number]), "{good}: {there:?}");
        }
        let disk_of_another = disk.kill();
        let mut another = open(&disk_of_another).0;
        commit(&mut another, vec![put(1_000)]).unwrap();
        assert_eq!(numbers_after_a_cut(&disk_of_another).last(), Some(&1_000), "{good}");
        if !has_failed {
            assert!(good >= 4, "there is more to a rewrite than {good} syncs");
            return;
        }
        acknowledged = vec![0, number + 100];
        disk.fail_next_syncs(0);
        rewrite(&mut store, acknowledged.iter().copied().map(put).collect()).unwrap();
        assert_eq!(numbers_after_a_cut(&disk), acknowledged, "{good}");
    }
}

/// How many rows were set aside.
fn rows_set_aside(disk: &ModelDisk) -> u64 {
    let backend = InMemoryBackend::new();
    let bytes = &disk.cut()[Path::new("sync.redb")];
    redb::StorageBackend::set_len(&backend, bytes.len() as u64).unwrap();
    redb::StorageBackend::write(&backend, 0, bytes).unwrap();
    let database = Database::builder().create_with_backend(backend).unwrap();
    database.begin_read().unwrap().open_table(SET_ASIDE).unwrap().len().unwrap()
}

#[test]
fn what_was_set_aside_goes_along_into_every_new_file() {
    let (disk, store, _) = filled();
    drop(store);
    let database = place(&disk).database(Path::new("sync.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(REGISTRATIONS).unwrap().insert(1, seal(9, &1_u8).as_slice()).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let (mut store, _) = open(&disk);
    assert_eq!(load(&mut store).unwrap().lost, 1);
    assert_eq!(rows_set_aside(&disk), 1);
    disk.fail_next_syncs(1);
    commit(&mut store, vec![put(1)]).ok();
    assert_eq!((store.stats().written_anew, rows_set_aside(&disk)), (1, 1));
    rewrite(&mut store, vec![put(7)]).unwrap();
    assert_eq!((store.stats().written_anew, rows_set_aside(&disk)), (2, 1));
    assert_eq!(load(&mut store).unwrap().registrations, [registration(7)]);
}
