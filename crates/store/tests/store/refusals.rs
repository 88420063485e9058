//! What is refused is said clearly and left alone.

use std::{fs, path::Path};

use background_sync_store::{OpenError, RedbStore};
use redb::{Database, TableDefinition};

use crate::{
    common::{commit, load, put},
    open,
};

fn refused(path: &Path) -> OpenError {
    let error = RedbStore::open(path, |report| panic!("a refusal reports nothing: {report}")).unwrap_err();
    let text = error.to_string();
    assert!(text.contains(path.to_str().unwrap()), "says where: {text}");
    error
}

fn names_in(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_in_use_is_left_to_its_user() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let (mut store, _) = open(&path);
    assert!(matches!(refused(&path), OpenError::InUse(at) if at == path));
    commit(&mut store, vec![put(1)]).unwrap();
    assert_eq!(names_in(directory.path()), ["sync.redb"]);
    drop(store);
    assert_eq!(load(&mut open(&path).0).unwrap().registrations.len(), 1);
}

#[test]
fn a_directory_is_no_store() {
    let directory = tempfile::tempdir().unwrap();
    assert!(matches!(refused(directory.path()), OpenError::NotAFile(_)));
    assert_eq!(names_in(directory.path()), [""; 0]);
}

#[test]
fn a_device_is_no_store() {
    let device = Path::new(if cfg!(windows) { r"\\.\NUL" } else { "/dev/full" });
    if device.exists() {
        assert!(matches!(refused(device), OpenError::NotAFile(_)));
    }
}

#[test]
fn a_missing_directory_is_not_made() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("profile");
    assert!(matches!(refused(&missing.join("sync.redb")), OpenError::NoDirectory(_)));
    assert!(!missing.exists());
    fs::write(&missing, "a file").unwrap();
    assert!(matches!(refused(&missing.join("sync.redb")), OpenError::NoDirectory(_)), "a file for a directory");
}

#[test]
fn a_newer_layout_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    commit(&mut open(&path).0, (0..40).map(put).collect()).unwrap();
    let newer = background_sync_registration::seal(1, &4_u32);
    write_meta(&path, b"format", &newer);
    let closed = fs::read(&path).unwrap();
    let database = Database::open(&path).unwrap();
    let crashed = fs::read(&path).unwrap();
    drop(database);
    assert_ne!(closed, crashed, "one was not closed");
    for bytes in [closed, crashed] {
        fs::write(&path, &bytes).unwrap();
        let error = refused(&path);
        assert!(matches!(&error, OpenError::Newer { found: 4, known: 3, .. }), "{error}");
        assert_eq!(names_in(directory.path()), ["sync.redb"]);
        assert!(fs::read(&path).unwrap() == bytes, "byte for byte as it was");
    }

    // nor is it taken for damage when some of its bytes are wrong
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(13).position(|window| window == b"registrations").expect("a table's name");
    bytes[at] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert!(matches!(refused(&path), OpenError::Newer { found: 4, .. }));
    assert_eq!(names_in(directory.path()), ["sync.redb"]);
}

#[test]
fn a_newer_redb_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    drop(open(&path));
    let mut bytes = fs::read(&path).unwrap();
    // the version byte of either commit slot
    (bytes[64], bytes[192]) = (4, 4);
    fs::write(&path, &bytes).unwrap();
    assert!(matches!(refused(&path), OpenError::Newer { found: 4, known: 3, .. }));
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn another_programs_database_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    for (name, table) in [("other.redb", "cookies"), ("alike.redb", "meta")] {
        let path = directory.path().join(name);
        let database = Database::create(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        transaction.open_table(TableDefinition::<u64, u64>::new(table)).unwrap().insert(1, 2).unwrap();
        transaction.commit().unwrap();
        drop(database);
        assert!(matches!(refused(&path), OpenError::NotAStore(_)));
    }
    assert_eq!(names_in(directory.path()), ["alike.redb", "other.redb"]);
}

fn write_meta(path: &Path, key: &[u8], value: &[u8]) {
    let database = Database::create(path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(TableDefinition::<&[u8], &[u8]>::new("meta")).unwrap().insert(key, value).unwrap();
    transaction.commit().unwrap();
}
