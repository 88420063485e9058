use std::io::ErrorKind;

use background_sync::StoreFailure;

use super::OPEN;
use crate::StoreReport;
use crate::tests::{
    common::{commit, load, put, registration},
    disk::{Disk, Wrong, length, names_in},
};

fn text(failure: &StoreFailure) -> String {
    failure.to_string()
}

#[test]
fn a_full_disk_fails_commits_until_there_is_room_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let disk = Disk::default();
    let (mut store, _) = disk.open(OPEN, &path);
    commit(&mut store, vec![put(1)]).unwrap();

    disk.goes(Wrong::Changes(ErrorKind::StorageFull));
    for number in 2..5 {
        let failure = text(&commit(&mut store, vec![put(number)]).unwrap_err());
        assert!(failure.contains("no room") && failure.contains("sync.redb"), "{failure}");
    }
    disk.goes(Wrong::Nothing);
    commit(&mut store, vec![put(9)]).unwrap();
    let contents = load(&mut store).unwrap();
    assert_eq!((contents.registrations, contents.lost), (vec![registration(1), registration(9)], 0));
    assert_eq!(names_in(directory.path()), ["sync.redb"], "nothing was moved");
    let stats = store.stats();
    assert_eq!((stats.commits, stats.failed_commits, stats.moved_aside), (2, 3, 0));
    assert!(stats.reopened >= 1);
}

#[test]
fn a_file_that_cannot_grow_still_takes_what_fits() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let disk = Disk::default();
    let (mut store, _) = disk.open(OPEN, &path);
    disk.goes(Wrong::Growth);
    let before = length(&path);
    let mut taken = Vec::new();
    let failure = loop {
        let next = taken.len() as u64 * 100;
        match commit(&mut store, (next..next + 100).map(put).collect()) {
            Ok(()) => taken.push(next),
            Err(failure) => break text(&failure),
        }
        assert!(taken.len() < 1_000, "it would have to grow");
    };
    assert!(failure.contains("no room"), "{failure}");
    assert_eq!(load(&mut store).unwrap().registrations.len(), taken.len() * 100);
    disk.goes(Wrong::Nothing);
    commit(&mut store, (100_000..100_500).map(put).collect()).unwrap();
    assert_eq!(load(&mut store).unwrap().registrations.len(), taken.len() * 100 + 500);
    assert!(length(&path) > before);
}

/// Fails every change of one commit in turn, and those after it, and looks at what is there afterwards.
fn commits_go_wrong_at_every_change(wrong: Wrong) {
    let directory = tempfile::tempdir().unwrap();
    let disk = Disk::default();
    for changes in 0.. {
        let path = directory.path().join(format!("{changes}.redb"));
        let (mut store, reports) = disk.open(OPEN, &path);
        commit(&mut store, (0..40).map(put).collect()).unwrap();
        disk.after(changes, wrong);
        let outcome = commit(&mut store, (40..80).map(put).collect());
        let went_wrong = disk.went_wrong();
        disk.goes(Wrong::Nothing);
        if outcome.is_ok() && !went_wrong {
            assert!(changes >= 3, "a commit writes pages and a header, and syncs");
            return;
        }
        let contents = load(&mut store).unwrap();
        let rows = contents.registrations.len();
        assert!(rows == 40 || rows == 80, "change {changes}: all or none, not {rows}");
        assert!(rows == 80 || outcome.is_err(), "change {changes}: acknowledged");
        assert_eq!(contents.lost, 0, "change {changes}");
        commit(&mut store, vec![put(100)]).unwrap();
        drop(store);
        let kept = load(&mut disk.open(OPEN, &path).0).unwrap().registrations.len();
        assert_eq!(kept, rows + 1, "change {changes}");
        let moved = reports.lock().unwrap().iter().any(|report| matches!(report, StoreReport::MovedAside { .. }));
        assert!(!moved, "change {changes}: a failing disk is no damage");
    }
}

#[test]
fn an_error_at_any_change_of_a_commit_leaves_all_or_none() {
    commits_go_wrong_at_every_change(Wrong::Changes(ErrorKind::Other));
}

#[test]
fn a_panic_at_any_change_of_a_commit_leaves_all_or_none() {
    commits_go_wrong_at_every_change(Wrong::PanicOnce);
}

#[test]
fn a_panic_is_contained_counted_and_told() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let disk = Disk::default();
    let (mut store, reports) = disk.open(OPEN, &path);
    commit(&mut store, vec![put(1)]).unwrap();
    disk.after(0, Wrong::PanicOnce);
    let failure = text(&commit(&mut store, vec![put(2)]).unwrap_err());
    assert!(failure.contains("as over a damaged page"), "{failure}");
    commit(&mut store, vec![put(3)]).unwrap();
    let contents = load(&mut store).unwrap();
    assert_eq!(contents.registrations, [registration(1), registration(3)]);
    let stats = store.stats();
    assert_eq!((stats.reopened, stats.failed_commits), (1, 1));
    let reports = reports.lock().unwrap();
    let message = "as over a damaged page".to_owned();
    let after = format!("redb panicked: {message}");
    assert_eq!(reports.first(), Some(&StoreReport::PanicContained { message }));
    assert_eq!(reports.last(), Some(&StoreReport::Reopened { after }));
    // closing what is left after a panic makes redb panic again
    assert_eq!(stats.panics_contained, reports.len() as u64 - 1);
}

#[test]
fn a_load_passes_over_damage_that_a_full_disk_keeps_it_from_setting_aside() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let disk = Disk::default();
    let (mut store, _) = disk.open(OPEN, &path);
    commit(&mut store, vec![put(1), put(2)]).unwrap();
    drop(store);
    let database = redb::Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(crate::layout::REGISTRATIONS).unwrap().insert(1, b"rubbish".as_slice()).unwrap();
    transaction.commit().unwrap();
    drop(database);

    let (mut store, reports) = disk.open(OPEN, &path);
    disk.goes(Wrong::Changes(ErrorKind::StorageFull));
    let contents = load(&mut store).unwrap();
    assert_eq!((contents.registrations, contents.lost), (vec![registration(2)], 1));
    disk.goes(Wrong::Nothing);
    assert_eq!(load(&mut store).unwrap().lost, 1, "found again");
    assert_eq!(load(&mut store).unwrap().lost, 0, "set aside by then");
    let reports = reports.lock().unwrap();
    let first = reports.first();
    assert!(matches!(first, Some(StoreReport::NotSetAside { why }) if why.contains("no room")), "{first:?}");
}
