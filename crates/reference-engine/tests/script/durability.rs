//! IndexedDB on a disk: restarts, damage, and no room.

use std::cell::Cell;
use std::rc::Rc;
use std::{fs, io};

use background_sync_reference_engine::script::{
    FileStore, IndexedDb, IndexedDbError, IndexedDbStore, LogLevel, ManualClock, MemoryStore,
};

use super::origin::{origin_of, page, worker};
use super::support::{START, texts};

#[test]
fn a_restart_from_disk_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.test.idb");
    let open = || IndexedDb::open(Box::new(FileStore::new(&path))).unwrap();
    let clock = ManualClock::new(START);
    let mut first = page(&open(), &clock);
    first.json("write({ who: 'ann' }, { who: 'bob' })");
    first.json("(async () => { const db = await chat(); const tx = db.transaction('messages', 'readwrite'); tx.objectStore('messages').delete(2); await done(tx); })()");
    first.realm.run(1, "write({ who: 'not committed' })");
    drop(first);
    let mut second = worker(&open(), &clock);
    assert_eq!(second.json("read()"), r#"[{"who":"ann"}]"#);
    second.json("write({ who: 'cid' })");
    assert_eq!(second.json("read((s) => s.getAllKeys())"), "[1,3]");
    assert_eq!(second.json("read((s) => s.index('who').getAllKeys())"), "[1,3]");
}

#[test]
fn a_damaged_file_is_reported_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.test.idb");
    let clock = ManualClock::new(START);
    page(&IndexedDb::open(Box::new(FileStore::new(&path))).unwrap(), &clock).json("write({ who: 'ann' })");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let error = IndexedDb::open(Box::new(FileStore::new(&path))).unwrap_err();
    let IndexedDbError::Corrupt { why, set_aside } = &error else { panic!("{error}") };
    assert_eq!(why, "its checksum is wrong");
    assert_eq!(fs::read(set_aside).unwrap(), bytes);
    let empty = IndexedDb::open(Box::new(FileStore::new(&path))).unwrap();
    assert_eq!(page(&empty, &clock).json("indexedDB.databases()"), "[]");
}

/// A disk that is full when told so.
struct Full(MemoryStore, Rc<Cell<bool>>);

impl IndexedDbStore for Full {
    fn load(&mut self) -> io::Result<Option<Vec<u8>>> {
        self.0.load()
    }

    fn save(&mut self, snapshot: &[u8]) -> io::Result<()> {
        if self.1.get() { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { self.0.save(snapshot) }
    }

    fn set_aside(&mut self) -> io::Result<String> {
        self.0.set_aside()
    }
}

#[test]
fn what_cannot_be_written_is_aborted() {
    let full = Rc::new(Cell::new(false));
    let mut origin = origin_of(&IndexedDb::open(Box::new(Full(MemoryStore::default(), full.clone()))).unwrap());
    origin.page.json("write({ who: 'kept' })");
    full.set(true);
    let error = origin.page.run_for("write({ who: 'lost' })", 10).unwrap_err();
    assert!(error.starts_with("UnknownError"), "{error}");
    let log = texts(origin.page.realm.take_log(), LogLevel::Error);
    assert_eq!(log, ["IndexedDB could not be written: no storage space"]);
    let upgrade = origin.page.run_for("open('other', 1, () => {})", 10).unwrap_err();
    assert!(upgrade.starts_with("AbortError"), "{upgrade}");
    full.set(false);
    origin.worker.json("write({ who: 'later' })");
    for world in [&mut origin.page, &mut origin.worker] {
        assert_eq!(world.json("read()"), r#"[{"who":"kept"},{"who":"later"}]"#);
        assert_eq!(world.json("indexedDB.databases().then((all) => all.length)"), "1");
    }
}
