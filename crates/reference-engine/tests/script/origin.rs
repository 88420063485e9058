//! A page and a worker that share databases.

use background_sync_reference_engine::script::{Clock as _, IndexedDb, ManualClock, RealmOptions};

use super::support::{START, World, options, window, with, worker_options};

const HELPERS: &str = r"
const request = (r) => new Promise((ok, no) => { r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error); });
const open = (name, version, upgrade) => {
  const r = indexedDB.open(name, version);
  r.onupgradeneeded = () => upgrade(r.result, r.transaction);
  r.onblocked = () => console.log('blocked');
  return request(r);
};
const done = (tx) => new Promise((ok, no) => { tx.oncomplete = () => ok(); tx.onabort = () => no(tx.error ?? new Error('aborted')); });
const chat = () => open('chat', 1, (db) => {
  db.createObjectStore('messages', { autoIncrement: true }).createIndex('who', 'who');
});
async function write(...values) {
  const db = await chat();
  const tx = db.transaction('messages', 'readwrite');
  for (const value of values) tx.objectStore('messages').add(value);
  await done(tx);
  db.close();
}
async function read(from = (store) => store.getAll()) {
  const db = await chat();
  const result = await request(from(db.transaction('messages').objectStore('messages')));
  db.close();
  return result;
}
";

/// A page and a worker of one origin.
pub(crate) struct Origin {
    pub(crate) page: World,
    pub(crate) worker: World,
}

pub(crate) fn page(db: &IndexedDb, clock: &ManualClock) -> World {
    let options = RealmOptions { indexed_db: db.clone(), ..options(window(), "index.html", clock) };
    with(&options, clock.clone(), HELPERS)
}

pub(crate) fn worker(db: &IndexedDb, clock: &ManualClock) -> World {
    with(&RealmOptions { indexed_db: db.clone(), ..worker_options(clock) }, clock.clone(), HELPERS)
}

pub(crate) fn origin_of(db: &IndexedDb) -> Origin {
    let clock = ManualClock::new(START);
    Origin { page: page(db, &clock), worker: worker(db, &clock) }
}

pub(crate) fn origin() -> Origin {
    origin_of(&IndexedDb::in_memory())
}

impl Origin {
    /// Lets time go by for both, the earlier task first and the two in turn, until `window` ms are over.
    pub(crate) fn pass(&mut self, window: u64) {
        let end = self.page.clock.now() + window;
        let mut turns = [&mut self.page.realm, &mut self.worker.realm];
        while let Some(due) = turns.iter_mut().filter_map(|realm| realm.next_timer()).min().filter(|due| *due <= end) {
            self.page.clock.advance_to(due);
            turns.reverse();
            turns[0].run_timer(self.page.clock.now());
        }
        self.page.clock.advance_to(end);
    }
}

/// Runs tasks that are due, one by one, until the script has printed this.
pub(crate) fn run_until_printed(world: &mut World, line: &str) {
    while !world.printed().iter().any(|printed| printed == line) {
        assert!(world.realm.run_timer(world.clock.now()), "nothing left to do before \"{line}\"");
    }
}
