//! The store through its public face.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;
mod damage;
mod golden;
mod inspect;
mod records;
mod refusals;
mod round_trip;
mod wrong_bytes;

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use background_sync_store::{RedbStore, StoreReport};

type Reports = Arc<Mutex<Vec<StoreReport>>>;

/// Opens a store, and where it tells what happens.
fn open(path: &Path) -> (RedbStore, Reports) {
    let reports = Reports::default();
    let sink = reports.clone();
    let store = RedbStore::open(path, move |report| sink.lock().unwrap().push(report)).unwrap();
    (store, reports)
}
