use std::{
    fs,
    io::{self, ErrorKind},
    path::Path,
};

use redb::{DatabaseError, StorageBackend};

use super::{
    common::{commit, load, put},
    disk::names_in,
};
use crate::{
    OpenError, RedbStore,
    files::{Files, SystemFiles},
    place::Place,
};

/// Files that are opened if this lets them.
struct Door<F>(F);

impl<F: Fn(&Path) -> io::Result<()> + Send> Files for Door<F> {
    fn open(&self, path: &Path) -> Result<Box<dyn StorageBackend>, DatabaseError> {
        (self.0)(path)?;
        SystemFiles.open(path)
    }
}

/// The error of a place whose files are opened if `door` lets them, on a sound or a damaged file.
fn refused(path: &Path, door: impl Fn(&Path) -> io::Result<()> + Send + 'static) -> OpenError {
    let place = Place::at(path.to_path_buf(), Box::new(Door(door)));
    RedbStore::open_place(place, Box::new(|report| panic!("a refusal reports nothing: {report}"))).unwrap_err()
}

fn expected(kind: ErrorKind, error: &OpenError) -> bool {
    match kind {
        ErrorKind::PermissionDenied => matches!(error, OpenError::PermissionDenied(_)),
        ErrorKind::ReadOnlyFilesystem => matches!(error, OpenError::ReadOnly(_)),
        ErrorKind::StorageFull => matches!(error, OpenError::NoRoom(_)),
        other => {
            matches!(error, OpenError::Failed { why, .. } if *why == format!("I/O error: {other}") || *why == other.to_string())
        }
    }
}

const KINDS: [ErrorKind; 5] = [
    ErrorKind::PermissionDenied,
    ErrorKind::ReadOnlyFilesystem,
    ErrorKind::StorageFull,
    ErrorKind::Interrupted,
    ErrorKind::ResourceBusy,
];

#[test]
fn a_file_that_cannot_be_opened_is_neither_moved_nor_changed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let mut store = RedbStore::open(&path, |_| {}).unwrap();
    commit(&mut store, vec![put(1)]).unwrap();
    drop(store);
    let before = fs::read(&path).unwrap();
    for kind in KINDS {
        let the_file = path.clone();
        let error = refused(&path, move |path| {
            // any other could be written, if it were tried
            if path == the_file { Err(kind.into()) } else { Ok(()) }
        });
        assert!(expected(kind, &error), "{kind}: {error:?}");
        assert_eq!(names_in(directory.path()), ["sync.redb"], "{kind}");
        assert_eq!(fs::read(&path).unwrap(), before, "{kind}");
    }
    assert_eq!(load(&mut RedbStore::open(&path, |_| {}).unwrap()).unwrap().registrations.len(), 1);
}

#[test]
fn a_damaged_file_stays_where_no_other_can_be_written() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    fs::write(&path, "a letter").unwrap();
    for kind in KINDS {
        let error = refused(&path, move |path| {
            let is_new = path.extension().is_some_and(|extension| extension == "rescue");
            if is_new { Err(kind.into()) } else { Ok(()) }
        });
        assert!(expected(kind, &error), "{kind}: {error:?}");
        assert_eq!(names_in(directory.path()), ["sync.redb"], "{kind}");
        assert_eq!(fs::read(&path).unwrap(), b"a letter", "{kind}");
    }
}

#[test]
fn a_panic_while_a_sound_file_is_opened_costs_no_record() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let mut store = RedbStore::open(&path, |_| {}).unwrap();
    commit(&mut store, (0..10).map(put).collect()).unwrap();
    drop(store);
    let panicked = std::sync::atomic::AtomicBool::new(false);
    let door = move |_: &Path| {
        assert!(panicked.swap(true, std::sync::atomic::Ordering::SeqCst), "as over a damaged page");
        Ok(())
    };
    let place = Place::at(path.clone(), Box::new(Door(door)));
    let mut store = RedbStore::open_place(place, Box::new(|_| {})).unwrap();
    let contents = load(&mut store).unwrap();
    assert_eq!((contents.registrations.len(), contents.lost), (10, 0));
    assert_eq!((store.stats().panics_contained, store.stats().moved_aside), (1, 1));
    assert_eq!(names_in(directory.path()), ["sync.redb", "sync.redb.damaged-1"]);
}
