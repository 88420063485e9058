//! What goes in comes out, and only whole batches do.

use std::sync::{Arc, Mutex};

use background_sync::{
    CommitCompletion, StoreContents, StoreFailure, StoreOp, SyncStore,
    policy::{Partition, PartitionId, SyncKind},
    registration::{Sequence, StoredRegistration},
};
use background_sync_store::StoreReport;

use super::open;
use crate::{
    common::{PARTITION, commit, load, origin, put, registration, registration_in},
    records::{budget, profile},
};

#[test]
fn every_operation_survives_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let (mut store, _) = open(&path);
    assert_eq!(load(&mut store), Ok(StoreContents::default()), "a new store is empty");
    let ops = vec![
        put(1),
        put(2),
        put(u64::MAX),
        StoreOp::PutBudget(budget(1)),
        StoreOp::PutBudget(budget(2)),
        StoreOp::PutProfile(profile(3)),
    ];
    commit(&mut store, ops).unwrap();
    let mut changed = registration(2);
    changed.series.attempts = 77;
    let ops = vec![
        StoreOp::PutRegistration(changed.clone()),
        StoreOp::RemoveRegistration(Sequence(1)),
        StoreOp::RemoveRegistration(Sequence(4_711)),
        StoreOp::RemoveBudget(PARTITION, origin(1)),
        StoreOp::RemoveBudget(PARTITION, origin(9)),
        StoreOp::PutProfile(profile(4)),
    ];
    commit(&mut store, ops).unwrap();
    let expected = StoreContents::new(vec![changed, registration(u64::MAX)], vec![budget(2)], Some(profile(4)), 0);
    assert_eq!(load(&mut store).unwrap(), expected);
    assert_eq!(store.stats().commits, 2);
    drop(store);
    let (mut store, reports) = open(&path);
    assert_eq!(load(&mut store).unwrap(), expected);
    assert_eq!(*reports.lock().unwrap(), [], "nothing worth telling happened");
}

#[test]
fn a_periodic_registration_is_a_row_like_any_other() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let one_shot = registration(1);
    let mut periodic = StoredRegistration { kind: SyncKind::Periodic, sequence: Sequence(2), ..one_shot.clone() };
    let (mut store, reports) = open(&path);
    let both = [&one_shot, &periodic].map(|record| StoreOp::PutRegistration(record.clone()));
    commit(&mut store, both.to_vec()).unwrap();
    assert_eq!(load(&mut store).unwrap().registrations, [one_shot, periodic.clone()]);
    periodic.series.attempts = 77;
    commit(&mut store, vec![StoreOp::RemoveRegistration(Sequence(1)), StoreOp::PutRegistration(periodic.clone())])
        .unwrap();
    drop(store);
    let (mut store, _) = open(&path);
    let expected = StoreContents::default().with(|it| it.registrations = vec![periodic]);
    assert_eq!(load(&mut store).unwrap(), expected, "counted as well: nothing is lost");
    assert_eq!(*reports.lock().unwrap(), []);
}

#[test]
fn i12_a_batch_with_a_private_record_is_refused_whole() {
    let directory = tempfile::tempdir().unwrap();
    let (mut store, _) = open(&directory.path().join("sync.redb"));
    let private = Partition::Private(PartitionId(3));
    let mut private_budget = budget(1);
    private_budget.partition = private;
    for op in [
        StoreOp::PutRegistration(registration_in(private, 2)),
        StoreOp::PutBudget(private_budget),
        StoreOp::RemoveBudget(private, origin(1)),
    ] {
        let failure = commit(&mut store, vec![put(1), op]).unwrap_err();
        assert!(matches!(&failure, StoreFailure::Failed(why) if why.contains("private")), "{failure}");
        assert_eq!(load(&mut store), Ok(StoreContents::default()), "nothing of the batch is kept");
    }
    assert_eq!(store.stats().failed_commits, 3);
    assert_eq!(store.stats().reopened, 0, "the file had no part in it");
}

#[test]
fn a_dropped_store_does_first_what_it_was_asked() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let (mut store, _) = open(&path);
    let done = Arc::new(Mutex::new(Vec::new()));
    for number in 0..20 {
        let done = done.clone();
        let completion = CommitCompletion::new(move |result| done.lock().unwrap().push(result));
        SyncStore::commit(&mut store, vec![put(number)], completion);
    }
    drop(store);
    assert_eq!(*done.lock().unwrap(), vec![Ok(()); 20]);
    let (mut store, _) = open(&path);
    assert_eq!(load(&mut store).unwrap().registrations.len(), 20);
}

#[test]
fn a_completion_may_panic() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let (mut store, reports) = open(&path);
    let panicking = CommitCompletion::new(|_| panic!("a driver's mistake"));
    SyncStore::commit(&mut store, vec![put(1)], panicking);
    commit(&mut store, vec![put(2)]).unwrap();
    assert_eq!(store.stats().panics_contained, 1);
    assert_eq!(*reports.lock().unwrap(), [StoreReport::PanicContained { message: "a driver's mistake".into() }]);
}

#[test]
fn a_rewrite_replaces_everything() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let (mut store, reports) = open(&path);
    commit(&mut store, vec![put(1), put(2), StoreOp::PutBudget(budget(1)), StoreOp::PutProfile(profile(3))]).unwrap();
    only_for_its_user(&path);
    rewrite(&mut store, vec![put(2), put(7)]).unwrap();
    let expected = StoreContents::default().with(|it| it.registrations = vec![registration(2), registration(7)]);
    assert_eq!(load(&mut store).unwrap(), expected);
    let private = registration_in(Partition::Private(PartitionId(3)), 9);
    rewrite(&mut store, vec![put(8), StoreOp::PutRegistration(private)]).unwrap_err();
    assert_eq!(load(&mut store).unwrap(), expected, "refused whole");
    drop(store);
    assert!(is_only_for_its_user(&path), "the new file is not open to others than the old one was");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left beside it");
    let reports: Vec<StoreReport> = reports.lock().unwrap().clone();
    assert!(matches!(&reports[0], StoreReport::WrittenAnew { records: 2, moved_to: None, .. }), "{reports:?}");
    let (mut store, _) = open(&path);
    assert_eq!(load(&mut store).unwrap(), expected);
}

fn rewrite(store: &mut impl SyncStore, ops: Vec<StoreOp>) -> Result<(), StoreFailure> {
    let (send, answer) = std::sync::mpsc::channel();
    store.rewrite(ops, CommitCompletion::new(move |result| send.send(result).unwrap()));
    answer.recv().unwrap()
}

#[cfg(unix)]
fn only_for_its_user(path: &std::path::Path) {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

#[cfg(unix)]
fn is_only_for_its_user(path: &std::path::Path) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions()).trailing_zeros() >= 6
}

#[cfg(not(unix))]
fn only_for_its_user(_path: &std::path::Path) {}

#[cfg(not(unix))]
fn is_only_for_its_user(_path: &std::path::Path) -> bool {
    true
}
