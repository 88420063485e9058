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
fn a_damaged_file_is_reported_and_kept_and_what_is_whole_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.test.idb");
    let clock = ManualClock::new(START);
    let mut first = page(&IndexedDb::open(Box::new(FileStore::new(&path))).unwrap(), &clock);
    first.json("write({ who: 'ann' })");
    first.json("write({ who: 'bob' })");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let error = IndexedDb::open(Box::new(FileStore::new(&path))).unwrap_err();
    let IndexedDbError::Corrupt { why, set_aside } = &error else { panic!("{error}") };
    assert_eq!(why, "1 of its 3 pieces: not whole");
    assert_eq!(fs::read(set_aside).unwrap(), bytes);
    let open = || IndexedDb::open(Box::new(FileStore::new(&path))).unwrap();
    assert_eq!(page(&open(), &clock).json("write({ who: 'cid' })"), "null");
    assert_eq!(page(&open(), &clock).json("read()"), r#"[{"who":"ann"},{"who":"cid"}]"#);
}

/// A disk that is full when told so.
struct Full(MemoryStore, Rc<Cell<bool>>);

impl Full {
    fn has_room(&self) -> io::Result<()> {
        if self.1.get() { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
    }
}

impl IndexedDbStore for Full {
    fn load(&mut self) -> io::Result<Option<Vec<u8>>> {
        self.0.load()
    }

    fn replace(&mut self, all: &[u8]) -> io::Result<()> {
        self.has_room()?;
        self.0.replace(all)
    }

    fn append(&mut self, more: &[u8]) -> io::Result<bool> {
        self.has_room()?;
        self.0.append(more)
    }

    fn keep_aside(&mut self) -> io::Result<String> {
        self.0.keep_aside()
    }
}

#[test]
fn what_cannot_be_written_is_aborted() {
    let full = Rc::new(Cell::new(false));
    let mut origin = origin_of(&IndexedDb::open(Box::new(Full(MemoryStore::default(), full.clone()))).unwrap());
    origin.page.json("write({ who: 'kept' })");
    full.set(true);
    let error = origin.page.run_for("write({ who: 'lost' })", 10).unwrap_err();
    assert_eq!(error, "QuotaExceededError: IndexedDB could not be written: no storage space");
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

/// Counts what is stored: bytes that were added, and how often all was written anew.
#[derive(Clone, Default)]
struct Counting(MemoryStore, Rc<Cell<(usize, usize)>>);

impl IndexedDbStore for Counting {
    fn load(&mut self) -> io::Result<Option<Vec<u8>>> {
        self.0.load()
    }

    fn replace(&mut self, all: &[u8]) -> io::Result<()> {
        let (added, anew) = self.1.get();
        self.1.set((added, anew + 1));
        self.0.replace(all)
    }

    fn append(&mut self, more: &[u8]) -> io::Result<bool> {
        let (added, anew) = self.1.get();
        self.1.set((added + more.len(), anew));
        self.0.append(more)
    }

    fn keep_aside(&mut self) -> io::Result<String> {
        self.0.keep_aside()
    }
}

#[test]
fn a_commit_costs_what_it_changes_and_not_what_is_stored() {
    let store = Counting::default();
    let mut origin = origin_of(&IndexedDb::open(Box::new(store.clone())).unwrap());
    origin.page.json("write(...Array.from({ length: 300 }, (_, n) => ({ who: 'x'.repeat(1000), n })))");
    store.1.set((0, 0));
    origin.worker.json(
        "(async () => { const db = await chat(); for (let n = 1; n <= 100; n++) { const tx = db.transaction('messages', 'readwrite'); tx.objectStore('messages').delete(n); await done(tx); } })()",
    );
    let (added, anew) = store.1.get();
    assert_eq!(anew, 0, "300 kB are not written again for a few bytes");
    assert!((1_000..10_000).contains(&added), "{added} bytes for a hundred removals");
    assert_eq!(origin.page.json("read((s) => s.getAllKeys()).then((all) => [all.length, all[0]])"), "[200,101]");
    assert_eq!(origin.page.json("read((s) => s.index('who').count())"), "200");
    // What is past is thrown away in the end.
    origin.page.json(
        "(async () => { for (let n = 0; n < 8; n++) { const db = await chat(); const tx = db.transaction('messages', 'readwrite'); for (let id = 101; id <= 300; id++) tx.objectStore('messages').put({ who: 'y'.repeat(1000), n }, id); await done(tx); db.close(); } })()",
    );
    assert_eq!(store.1.get().1, 1, "1.6 MB over 0.3 MB");
    let again = IndexedDb::open(Box::new(store)).unwrap();
    assert_eq!(page(&again, &ManualClock::new(START)).json("read((s) => s.count())"), "200");
}

/// What a store of the first format held: the records of an object store in one part.
#[test]
fn a_file_of_an_earlier_version_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("databases");
    let schema = r#"{"version":1,"stores":[{"name":"messages","keyPath":null,"autoIncrement":true,"indexes":[{"name":"who","keyPath":"who","multiEntry":false,"unique":false}]}]}"#;
    let records = r#"{"next":2,"records":[[1,["object","who","ann"]],[2,["object","who","bob"]]]}"#;
    let parts = [(r#"["chat"]"#, schema), (r#"["chat","messages"]"#, records)];
    let body = postcard::to_allocvec(&parts.as_slice()).unwrap();
    let mut bytes = b"background-sync-reference-engine IndexedDB 1\n".to_vec();
    bytes.extend(crc32fast::hash(&body).to_le_bytes());
    bytes.extend(body);
    fs::write(&path, bytes).unwrap();
    let open = || IndexedDb::open(Box::new(FileStore::new(&path))).unwrap();
    let clock = ManualClock::new(START);
    let remove = "(async () => { const db = await chat(); const tx = db.transaction('messages', 'readwrite'); tx.objectStore('messages').delete(1); await done(tx); })()";
    page(&open(), &clock).json(remove);
    assert!(fs::read(&path).unwrap().starts_with(b"background-sync-reference-engine IndexedDB 2\n"));
    assert_eq!(page(&open(), &clock).json("write({ who: 'cid' })"), "null");
    let mut later = page(&open(), &clock);
    assert_eq!(later.json("read((s) => s.getAllKeys())"), "[2,3]");
    assert_eq!(later.json("read((s) => s.index('who').getAllKeys('bob'))"), "[2]");
}

#[test]
fn a_file_that_is_gone_or_another_one_is_written_whole_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("databases");
    let open = || IndexedDb::open(Box::new(FileStore::new(&path))).unwrap();
    let clock = ManualClock::new(START);
    let mut first = page(&open(), &clock);
    let taken_away: [fn(&std::path::Path); 3] = [
        |path| fs::remove_file(path).unwrap(),
        |path| fs::write(path, "another").unwrap(),
        |path| fs::File::options().write(true).open(path).unwrap().set_len(0).unwrap(),
    ];
    first.json("write({ who: 'ann' })");
    for (n, take_away) in taken_away.into_iter().enumerate() {
        take_away(&path);
        first.json("write({ who: 'bob' })");
        assert_eq!(page(&open(), &clock).json("read((s) => s.count())"), (n + 2).to_string());
    }
}
