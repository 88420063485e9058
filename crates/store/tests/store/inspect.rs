//! Looking at a store changes nothing, and shows what the next opening finds.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use background_sync::{StoreContents, StoreOp};
use background_sync_registration::seal;
use background_sync_store::{FoundDamage, Inspection, OpenError, inspect};
use redb::{Database, TableDefinition};

use crate::{
    common::{commit, put, registration},
    open,
    records::{budget, profile},
};

/// Every file of a directory: its name, bytes and time of change.
fn files_in(directory: &Path) -> Vec<(PathBuf, Vec<u8>, SystemTime)> {
    let mut files: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let look = |path: PathBuf| {
        let changed = path.metadata().unwrap().modified().unwrap();
        (path.clone(), fs::read(&path).unwrap_or_default(), changed)
    };
    files.into_iter().map(look).collect()
}

/// Looks at a file, and checks that nothing around it changed.
fn looked_at(path: &Path) -> Result<Inspection, OpenError> {
    let before = files_in(path.parent().unwrap());
    let result = inspect(path);
    assert_eq!(files_in(path.parent().unwrap()), before, "nothing is changed");
    if let Err(error) = &result {
        assert!(error.to_string().contains(path.to_str().unwrap()), "says where: {error}");
    }
    result
}

/// A store with four rows.
fn filled(path: &Path) -> StoreContents {
    let (mut store, _) = open(path);
    commit(&mut store, vec![put(1), put(2), StoreOp::PutBudget(budget(1)), StoreOp::PutProfile(profile(3))]).unwrap();
    let registrations = vec![registration(1), registration(2)];
    StoreContents::new(registrations, vec![budget(1)], Some(profile(3)), 0)
}

fn write_row(path: &Path, table: &str, key: u64, row: &[u8]) {
    let database = Database::create(path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(TableDefinition::<u64, &[u8]>::new(table)).unwrap().insert(key, row).unwrap();
    transaction.commit().unwrap();
}

#[test]
fn a_closed_store_and_one_whose_program_was_killed() {
    let directory = tempfile::tempdir().unwrap();
    let (path, killed) = (directory.path().join("sync.redb"), directory.path().join("killed.redb"));
    let contents = filled(&path);
    let (mut store, _) = open(&path);
    commit(&mut store, vec![put(3)]).unwrap();
    fs::copy(&path, &killed).unwrap();
    commit(&mut store, vec![StoreOp::RemoveRegistration(registration(3).sequence)]).unwrap();
    drop(store);
    assert_eq!(looked_at(&path).unwrap(), Inspection { contents: contents.clone(), damage: vec![] });
    let mut with_third = contents;
    with_third.registrations.push(registration(3));
    assert_eq!(looked_at(&killed).unwrap(), Inspection { contents: with_third, damage: vec![] });
}

#[test]
fn a_store_in_use_is_left_to_its_user() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    filled(&path);
    let (mut store, _) = open(&path);
    assert!(matches!(looked_at(&path), Err(OpenError::InUse(at)) if at == path));
    commit(&mut store, vec![put(4)]).unwrap();
    drop(store);
    assert_eq!(looked_at(&path).unwrap().contents.registrations.len(), 3);
    drop(open(&path));
}

#[test]
fn what_is_no_store() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    assert!(matches!(looked_at(&at("gone")), Err(OpenError::Missing(_))));
    fs::write(at("diary"), "Dear diary,").unwrap();
    assert!(matches!(inspect(at("diary").join("store")), Err(OpenError::Missing(_))));
    assert!(matches!(looked_at(&at("diary")), Err(OpenError::NotADatabase(_))));
    fs::create_dir(at("folder")).unwrap();
    assert!(matches!(looked_at(&at("folder")), Err(OpenError::NotAFile(_))));
    write_row(&at("other"), "cookies", 1, b"x");
    assert!(matches!(looked_at(&at("other")), Err(OpenError::NotAStore(_))));
    fs::write(at("empty"), "").unwrap();
    assert_eq!(looked_at(&at("empty")).unwrap().contents, StoreContents::default(), "what becomes a new store");
}

#[test]
fn what_is_newer() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    filled(&path);
    let sound = fs::read(&path).unwrap();
    let database = Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    let meta = TableDefinition::<&[u8], &[u8]>::new("meta");
    transaction.open_table(meta).unwrap().insert(b"format".as_slice(), seal(1, &4_u32).as_slice()).unwrap();
    transaction.commit().unwrap();
    drop(database);
    assert!(matches!(looked_at(&path), Err(OpenError::Newer { found: 4, known: 3, .. })));
    let mut bytes = sound;
    (bytes[64], bytes[192]) = (4, 4);
    fs::write(&path, &bytes).unwrap();
    assert!(matches!(looked_at(&path), Err(OpenError::Newer { found: 4, known: 3, .. })));
}

#[test]
fn a_damaged_record_is_told_and_the_rest_shown() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let mut contents = filled(&path);
    write_row(&path, "registrations", 2, b"rubbish!");
    contents.registrations.truncate(1);
    contents.lost = 1;
    let seen = looked_at(&path).unwrap();
    assert_eq!(seen.contents, contents);
    let [FoundDamage::Record { record, .. }] = &seen.damage[..] else { panic!("{:?}", seen.damage) };
    assert_eq!(record, "registration 2");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_only_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let contents = filled(&path);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert_eq!(looked_at(&path).unwrap().contents, contents);
}
