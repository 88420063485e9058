use std::error::Error;
use std::path::Path;
use std::sync::mpsc::channel;

use background_sync::registration::{Sequence, StoredRegistration};
use background_sync::{CommitCompletion, StoreOp, SyncStore};
use background_sync_store::RedbStore;

use crate::{Others, TAGS_PER_WORKER, key, profile_record, registration, tag};

/// Rows written in one transaction.
const BATCH: u64 = 10_000;

/// Makes a store with so many registrations that are pending, a thousand a worker.
///
/// # Errors
/// What the store says.
pub fn write_store(path: &Path, registrations: u64) -> Result<(), Box<dyn Error>> {
    write_store_of(path, registrations, TAGS_PER_WORKER)
}

/// The same with so many tags a worker.
///
/// # Errors
/// What the store says.
pub fn write_store_of(path: &Path, registrations: u64, tags_per_worker: u64) -> Result<(), Box<dyn Error>> {
    let mut store = RedbStore::open(path, |report| eprintln!("{report}"))?;
    for first in (0..registrations).step_by(BATCH as usize) {
        let last = registrations.min(first + BATCH);
        commit(
            &mut store,
            (first..last).map(|number| StoreOp::PutRegistration(row(number, tags_per_worker))).collect(),
        )?;
    }
    commit(&mut store, vec![StoreOp::PutProfile(profile_record(registrations))])
}

fn row(number: u64, tags_per_worker: u64) -> StoredRegistration {
    let key = key(number / tags_per_worker);
    registration(&key, Sequence(number + 1), tag(number % tags_per_worker), Others::Pending)
}

fn commit(store: &mut RedbStore, ops: Vec<StoreOp>) -> Result<(), Box<dyn Error>> {
    let (send, answer) = channel();
    store.commit(ops, CommitCompletion::new(move |result| drop(send.send(result))));
    Ok(answer.recv()??)
}
