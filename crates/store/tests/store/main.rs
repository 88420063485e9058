//! The store through its public face.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::duplicate_mod, reason = "both kinds of store have to pass the same tests")]

#[path = "../common/mod.rs"]
mod common;
mod engine;
mod inspect;
mod records;
mod refusals;
mod wrong_bytes;

/// What must hold whoever does the writing.
mod with_a_thread {
    use super::open;

    #[path = "../boundary.rs"]
    mod boundary;
    #[path = "../damage.rs"]
    mod damage;
    #[path = "../golden.rs"]
    mod golden;
    #[path = "../large.rs"]
    mod large;
    mod own_thread;
    #[path = "../round_trip.rs"]
    mod round_trip;
    #[path = "../sharing.rs"]
    mod sharing;
}
mod without_a_thread {
    use super::open_without_thread as open;

    #[path = "../boundary.rs"]
    mod boundary;
    #[path = "../damage.rs"]
    mod damage;
    #[path = "../golden.rs"]
    mod golden;
    #[path = "../large.rs"]
    mod large;
    mod on_caller;
    #[path = "../round_trip.rs"]
    mod round_trip;
    #[path = "../sharing.rs"]
    mod sharing;
}

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

fn open_without_thread(path: &Path) -> (RedbStore, Reports) {
    let reports = Reports::default();
    let sink = reports.clone();
    let report = move |report| sink.lock().unwrap().push(report);
    (RedbStore::open_without_thread(path, report).unwrap(), reports)
}
