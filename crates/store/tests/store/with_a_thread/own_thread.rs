//! What only a store with a thread of its own has to bear.

use std::sync::{Arc, Mutex};

use background_sync::{CommitCompletion, SyncStore};

use super::open;
use crate::common::put;

#[test]
fn a_completion_may_drop_its_store() {
    let directory = tempfile::tempdir().unwrap();
    let (store, _) = open(&directory.path().join("sync.redb"));
    let stats = store.stats_handle();
    let (send, dropped) = std::sync::mpsc::channel();
    let slot = Arc::new(Mutex::new(Some(store)));
    let own = slot.clone();
    let completion = CommitCompletion::new(move |result| {
        drop(own.lock().unwrap().take());
        send.send(result).unwrap();
    });
    let mut guard = slot.lock().unwrap();
    SyncStore::commit(guard.as_mut().unwrap(), vec![put(3)], completion);
    drop(guard);
    assert_eq!(dropped.recv().unwrap(), Ok(()));
    assert_eq!(stats.read().commits, 1);
}
