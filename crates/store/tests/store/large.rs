//! A load in parts.

use std::sync::mpsc::{Receiver, channel};

use background_sync::{CommitCompletion, LoadCompletion, RowBatch, StoreContents, StoreFailure, SyncStore};
use background_sync_store::RedbStore;

use super::open;
use crate::common::{commit, load, put, registration};

/// Rows of a store that is read in many parts.
const ROWS: u64 = 20_000;

fn filled(directory: &tempfile::TempDir) -> RedbStore {
    let (mut store, _) = open(&directory.path().join("sync.redb"));
    commit(&mut store, (0..ROWS).map(put).collect()).unwrap();
    store
}

type Loaded = Result<StoreContents, StoreFailure>;

fn load_in_batches(store: &mut RedbStore) -> (Receiver<RowBatch>, Receiver<Loaded>) {
    let ((send, batches), (end, ended)) = (channel(), channel());
    store.load(LoadCompletion::in_batches(move |batch| drop(send.send(batch)), move |result| drop(end.send(result))));
    (batches, ended)
}

#[test]
fn every_row_comes_once_and_rows_of_one_worker_share_its_key() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = filled(&directory);
    let (batches, ended) = load_in_batches(&mut store);
    let mut rows = Vec::new();
    let mut most = 0;
    for batch in batches {
        let batch = batch.into_registrations();
        most = most.max(batch.len());
        rows.extend(batch);
    }
    let contents = ended.recv().unwrap().unwrap();
    assert_eq!(contents.lost, 0);
    rows.extend(contents.registrations);
    assert_eq!(rows, (0..ROWS).map(registration).collect::<Vec<_>>());
    assert!(most < 2_000, "{most} in one");
    let addresses: std::collections::HashSet<_> = rows.iter().map(|row| row.key.address()).collect();
    assert_eq!(addresses.len(), 50, "as many as there are workers");
    assert_eq!(load(&mut store).unwrap().registrations.len(), rows.len(), "and all at once for who wants that");
}

#[test]
fn a_store_does_not_run_far_ahead_of_its_driver() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = filled(&directory);
    let (batches, ended) = load_in_batches(&mut store);
    // by now it could have read everything, and has not
    let first = batches.recv().unwrap();
    assert!(ended.recv_timeout(std::time::Duration::from_millis(300)).is_err(), "it waits");
    // They count as on their way until they are opened.
    let on_their_way: Vec<_> = std::iter::once(first).chain(batches.try_iter()).collect();
    let rows = |batch: RowBatch| batch.into_registrations().len() as u64;
    let ahead: u64 = on_their_way.into_iter().map(rows).sum();
    assert!(ahead < ROWS / 2, "{ahead} rows");
    let rest: u64 = batches.iter().map(rows).sum();
    assert!(rest > 0);
    assert_eq!(ended.recv().unwrap().unwrap().lost, 0);
}

#[test]
fn a_store_that_is_dropped_waits_for_no_driver() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = filled(&directory);
    let (batches, ended) = load_in_batches(&mut store);
    drop(store);
    let rest = ended.recv().unwrap().unwrap().registrations.len();
    let handed_over: usize = batches.iter().map(|batch| batch.into_registrations().len()).sum();
    assert_eq!((handed_over + rest) as u64, ROWS, "it did what it was asked");
}

#[test]
fn a_commit_that_does_not_wait_for_the_load_comes_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = filled(&directory);
    let (batches, ended) = load_in_batches(&mut store);
    let (send, answer) = channel();
    SyncStore::commit(&mut store, vec![put(ROWS)], CommitCompletion::new(move |result| drop(send.send(result))));
    let handed_over: usize = batches.iter().map(|batch| batch.into_registrations().len()).sum();
    let rest = ended.recv().unwrap().unwrap().registrations.len();
    assert_eq!((handed_over + rest) as u64, ROWS);
    assert_eq!(answer.recv().unwrap(), Ok(()));
    assert_eq!(load(&mut store).unwrap().registrations.len() as u64, ROWS + 1);
}

#[test]
fn a_driver_that_panics_over_rows_makes_the_load_fail_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = filled(&directory);
    let (end, ended) = channel();
    let panics = |_| panic!("a driver's mistake");
    store.load(LoadCompletion::in_batches(panics, move |result| drop(end.send(result))));
    let failure = ended.recv().unwrap().unwrap_err();
    assert!(failure.to_string().contains("a driver's mistake"), "{failure}");
    assert_eq!(store.stats().moved_aside, 0, "the file is sound");
    assert_eq!(load(&mut store).unwrap().registrations.len() as u64, ROWS);
}
