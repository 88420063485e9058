//! IndexedDB: one set of databases for all realms of an origin, and durable.

use std::cell::Cell;
use std::fs;
use std::io;
use std::rc::Rc;

use background_sync_reference_engine::script::{
    Answer, Call, Clock as _, EventOutcome, FileStore, GlobalKind, IndexedDb, IndexedDbError, IndexedDbStore, LogLevel,
    ManualClock, MemoryStore, RealmOptions,
};

use super::support::{START, World, options, texts, with, worker_options};

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
struct Origin {
    page: World,
    worker: World,
}

fn page(db: &IndexedDb, clock: &ManualClock) -> World {
    let options = RealmOptions { indexed_db: db.clone(), ..options(GlobalKind::Window, "index.html", clock) };
    with(&options, clock.clone(), HELPERS)
}

fn worker(db: &IndexedDb, clock: &ManualClock) -> World {
    with(&RealmOptions { indexed_db: db.clone(), ..worker_options(clock) }, clock.clone(), HELPERS)
}

fn origin_of(db: &IndexedDb) -> Origin {
    let clock = ManualClock::new(START);
    Origin { page: page(db, &clock), worker: worker(db, &clock) }
}

fn origin() -> Origin {
    origin_of(&IndexedDb::in_memory())
}

impl Origin {
    /// Lets time go by for both, the earlier task first and the two in turn, until `window` ms are over.
    fn pass(&mut self, window: u64) {
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
fn run_until_printed(world: &mut World, line: &str) {
    while !world.printed().iter().any(|printed| printed == line) {
        assert!(world.realm.run_timer(world.clock.now()), "nothing left to do before \"{line}\"");
    }
}

#[test]
fn a_page_and_a_worker_see_the_same_databases() {
    let mut origin = origin();
    assert_eq!(origin.worker.json("indexedDB.databases()"), "[]");
    origin.page.json("write({ who: 'ann', text: 'hello' }, { who: 'bob', text: 'hi' })");
    assert_eq!(origin.worker.json("indexedDB.databases()"), r#"[{"name":"chat","version":1}]"#);
    assert_eq!(origin.worker.json("read((s) => s.index('who').getKey('bob'))"), "2");
    origin.worker.json("write({ who: 'cid', text: 'late' })");
    assert_eq!(origin.page.json("read((s) => s.getAllKeys())"), "[1,2,3]");
    assert_eq!(origin.page.json("read((s) => s.index('who').count('cid'))"), "1");
    origin.page.json("(async () => { const db = await chat(); const tx = db.transaction('messages', 'readwrite'); tx.objectStore('messages').delete(2); await done(tx); })()");
    assert_eq!(origin.worker.json("read((s) => s.getAllKeys())"), "[1,3]");
}

#[test]
fn an_open_connection_follows_the_other_realm() {
    let mut origin = origin();
    for world in [&mut origin.page, &mut origin.worker] {
        world.json("chat().then((db) => { globalThis.db = db; })");
    }
    let add = "(async () => { const tx = db.transaction('messages', 'readwrite'); const key = await request(tx.objectStore('messages').add({ who: 'x' })); await done(tx); return key; })()";
    assert_eq!(origin.page.json(add), "1");
    assert_eq!(origin.worker.json(add), "2");
    assert_eq!(origin.page.json(add), "3");
}

#[test]
fn every_storable_value_crosses() {
    let mut origin = origin();
    origin.page.json("write({ who: 'page', value: make() })".replace("make()", MAKE).as_str());
    let check = format!("read().then((all) => check(all[0].value, {MAKE}))");
    origin.worker.realm.evaluate(CHECK, "check.js").unwrap();
    assert_eq!(origin.worker.json(&check), "\"\"");
}

/// One of everything, with sharing and a cycle.
const MAKE: &str = r"(() => {
  const bytes = new Uint8Array([0, 255, 128]).buffer;
  const all = {
    undefined: undefined, null: null, true: true, nan: NaN, zero: 0, minus: -0, infinite: -Infinity, big: 2n ** 70n,
    text: 'ä\ud800\u0000\udc00😀', empty: '', date: new Date(5), never: new Date(NaN), regexp: /a\/b\n/giu,
    bytes, view: new Uint8Array(bytes, 1, 1), floats: new Float64Array([NaN, -0]), bigs: new BigInt64Array([-1n]),
    data: new DataView(bytes, 2), map: new Map([[{ a: 1 }, new Set([1, 'x', undefined])]]), array: [1, [2, undefined]],
    sparse: Object.assign([, 1, , 2, ,], { extra: true }), error: new RangeError('far', { cause: 'why' }),
    exception: new DOMException('m', 'AbortError'), boxes: [new Boolean(false), new Number(-0), new String('s'), Object(1n)],
    ['__proto__']: 1, kinds: ['undefined'], odd: { '': 1, 5: 2, toString: 3 },
  };
  all.self = all;
  all.map.set('again', all.array);
  return all;
})()";

/// `check(a, b)`: the path of the first difference, or an empty text.
const CHECK: &str = r"
function check(a, b, path = 'it', seen = new Map()) {
  if (Object.is(a, b)) return '';
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return path;
  if (seen.has(a)) return seen.get(a) === b ? '' : `${path} shared`;
  seen.set(a, b);
  const kind = Object.prototype.toString.call(a);
  if (kind !== Object.prototype.toString.call(b) || Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${path} kind`;
  const pairs = [];
  if (a instanceof Map || a instanceof Set) pairs.push(['items', [...a], [...b]]);
  if (a instanceof Date || a instanceof Boolean || a instanceof Number || a instanceof String || a instanceof BigInt) pairs.push(['value', a.valueOf(), b.valueOf()]);
  if (a instanceof RegExp) pairs.push(['regexp', String(a), String(b)]);
  if (a instanceof ArrayBuffer) pairs.push(['bytes', [...new Uint8Array(a)], [...new Uint8Array(b)]]);
  if (ArrayBuffer.isView(a)) pairs.push(['buffer', a.buffer, b.buffer], ['offset', a.byteOffset, b.byteOffset], ['size', a.byteLength, b.byteLength]);
  if (a instanceof Error || a instanceof DOMException) pairs.push(['name', a.name, b.name], ['message', a.message, b.message], ['cause', a.cause, b.cause]);
  if (Array.isArray(a)) pairs.push(['length', a.length, b.length]);
  pairs.push(['keys', Object.keys(a).join(), Object.keys(b).join()]);
  if (!ArrayBuffer.isView(a)) for (const key of Object.keys(a)) pairs.push([key, a[key], b[key]]);
  for (const [name, left, right] of pairs) {
    const difference = check(left, right, `${path}.${name}`, seen);
    if (difference !== '') return difference;
  }
  return '';
}
";

#[test]
fn names_and_keys_are_any_text() {
    let mut origin = origin();
    let write = r"open('d\ud800', 2, (db) => db.createObjectStore('s\udfff')).then(async (db) => { const tx = db.transaction('s\udfff', 'readwrite'); tx.objectStore('s\udfff').put('v', 'k\ud83d'); tx.objectStore('s\udfff').put('w', [new Date(1), new Uint8Array([7]), '', -Infinity]); await done(tx); db.close(); })";
    origin.page.json(write);
    let read = r"open('d\ud800').then(async (db) => { const s = db.transaction('s\udfff').objectStore('s\udfff'); return [await request(s.get('k\ud83d')), await request(s.get([new Date(1), new Uint8Array([7]), '', -Infinity])), db.version]; })";
    assert_eq!(origin.worker.json(read), r#"["v","w",2]"#);
}

#[test]
fn nobody_sees_half_a_transaction() {
    let mut origin = origin();
    origin.page.json("write({ who: 'first' })");
    // Kept alive by request after request, for a while.
    origin.page.realm.run(
        1,
        "chat().then((db) => { const s = db.transaction('messages', 'readwrite').objectStore('messages'); let n = 0; const more = () => { if (n === 5) console.log('half'); if (n++ < 20) s.add({ who: 'half' }).onsuccess = more; else console.log('whole'); }; more(); })",
    );
    run_until_printed(&mut origin.page, "half");
    origin.worker.realm.run(2, "read((s) => s.count()).then((n) => console.log(n))");
    while origin.worker.realm.run_timer(origin.worker.clock.now()) {}
    assert_eq!((origin.page.printed(), origin.worker.printed()), (vec![], vec![]));
    origin.pass(10);
    assert_eq!(origin.page.printed(), ["whole"]);
    assert_eq!(origin.worker.printed(), ["21"]);
}

#[test]
fn two_busy_realms_take_turns() {
    let mut origin = origin();
    for world in [&mut origin.page, &mut origin.worker] {
        world.realm.run(1, "(async () => { for (let n = 0; n < 20; n++) await write({ who: location.pathname }); console.log('done'); })()");
    }
    origin.pass(10);
    assert_eq!((origin.page.printed(), origin.worker.printed()), (vec!["done".to_owned()], vec!["done".to_owned()]));
    assert_eq!(origin.page.json("read((s) => s.count())"), "40");
    let turns =
        origin.page.json("read().then((all) => all.filter((m, n) => n > 0 && m.who !== all[n - 1].who).length)");
    assert!(turns.parse::<u32>().unwrap() > 10, "{turns} turns");
}

#[test]
fn a_realm_whose_transactions_overlap_without_end_lets_others_in() {
    let mut origin = origin();
    origin.page.json("write({ who: 'first' })");
    // Each begins its next transaction in the middle of the other's.
    let source = "chat().then((db) => { const next = () => { const store = db.transaction('messages').objectStore('messages'); store.count().onsuccess = () => { store.count().onsuccess = () => { next(); console.log('one more'); store.count(); }; }; }; next(); })";
    origin.page.realm.run(1, source);
    run_until_printed(&mut origin.page, "one more");
    origin.worker.realm.run(2, "read((s) => s.count()).then((n) => console.log('in', n))");
    let now = origin.page.clock.now();
    for _ in 0..500 {
        origin.page.realm.run_timer(now);
        origin.worker.realm.run_timer(now);
    }
    assert_eq!(origin.worker.printed(), ["in 1"]);
}

#[test]
fn a_realm_killed_in_mid_transaction_changed_nothing() {
    let mut origin = origin();
    origin.page.json("write({ who: 'kept' })");
    origin.page.realm.run(
        1,
        "chat().then((db) => { const s = db.transaction('messages', 'readwrite').objectStore('messages'); let n = 0; const more = () => { s.add({ who: 'lost' }).onsuccess = more; console.log(`added ${n++}`); }; more(); })",
    );
    run_until_printed(&mut origin.page, "added 9");
    origin.worker.realm.run(2, "read().then((all) => console.log(JSON.stringify(all)))");
    origin.worker.pass(10);
    assert_eq!(origin.worker.printed(), [""; 0], "the page still holds the lease");
    drop(origin.page);
    origin.worker.pass(10);
    assert_eq!(origin.worker.printed(), [r#"[{"who":"kept"}]"#]);
}

#[test]
fn an_aborted_transaction_changed_nothing() {
    let mut origin = origin();
    origin.page.json("write({ who: 'kept' })");
    let abort = "(async () => { const db = await chat(); const tx = db.transaction('messages', 'readwrite'); tx.objectStore('messages').add({ who: 'lost' }); tx.objectStore('messages').clear(); setTimeout(() => {}); tx.objectStore('messages').get(1).onsuccess = () => tx.abort(); return done(tx); })()";
    assert_eq!(origin.page.run_for(abort, 10), Err("Error: aborted".to_owned()));
    assert_eq!(origin.worker.json("read()"), r#"[{"who":"kept"}]"#);
    assert_eq!(origin.page.json("read()"), r#"[{"who":"kept"}]"#);
}

#[test]
fn an_upgrade_asks_the_other_realm_to_close() {
    let mut origin = origin();
    origin.worker.json("chat().then((db) => { globalThis.db = db; db.onversionchange = (e) => { console.log(e.oldVersion, e.newVersion); db.close(); }; })");
    origin.page.realm.run(1, "open('chat', 2, (db) => db.createObjectStore('more')).then((db) => console.log(db.version, [...db.objectStoreNames].join()))");
    origin.pass(10);
    assert_eq!(origin.worker.printed(), ["1 2"]);
    assert_eq!(origin.page.printed(), ["2 messages,more"]);
    assert_eq!(origin.worker.run_for("chat()", 10), Err(VERSION_ERROR.to_owned()));
}

const VERSION_ERROR: &str =
    "VersionError: An attempt was made to open a database using a lower version than the existing version.";

#[test]
fn an_upgrade_is_blocked_by_a_realm_that_does_not_close_until_it_goes() {
    let mut origin = origin();
    origin.worker.json("chat().then((db) => { globalThis.db = db; })");
    origin.page.realm.run(1, "open('chat', 2, () => {}).then((db) => console.log(db.version))");
    origin.pass(1000);
    assert_eq!(origin.page.printed(), ["blocked"]);
    assert_eq!(origin.page.realm.next_timer(), None, "waiting must not hold virtual time still");
    drop(origin.worker);
    origin.page.pass(10);
    assert_eq!(origin.page.printed(), ["2"]);
}

#[test]
fn a_deleted_database_is_gone_everywhere() {
    let mut origin = origin();
    origin.page.json("write({ who: 'x' })");
    origin
        .worker
        .json("chat().then((db) => { db.onversionchange = (e) => { console.log(e.newVersion); db.close(); }; })");
    origin.page.realm.run(1, "request(indexedDB.deleteDatabase('chat')).then(() => console.log('deleted'))");
    origin.pass(10);
    assert_eq!((origin.worker.printed(), origin.page.printed()), (vec!["null".to_owned()], vec!["deleted".to_owned()]));
    assert_eq!(origin.worker.json("indexedDB.databases()"), "[]");
    assert_eq!(origin.worker.json("read((s) => s.count())"), "0");
}

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

#[test]
fn a_listener_that_throws_is_reported_and_aborts() {
    let mut origin = origin();
    let source = "chat().then((db) => { const tx = db.transaction('messages', 'readwrite'); tx.objectStore('messages').add({}).onsuccess = () => { throw new Error('mine'); }; return done(tx); })";
    assert_eq!(origin.page.run_for(source, 10), Err("AbortError".to_owned()));
    assert_eq!(texts(origin.page.realm.take_log(), LogLevel::UncaughtError), ["Error: mine"]);
    assert_eq!(origin.worker.json("read((s) => s.count())"), "0");
}

#[test]
fn idb_keyval_runs_unmodified_in_both() {
    let mut origin = origin();
    for world in [&mut origin.page, &mut origin.worker] {
        world.realm.evaluate(include_str!(concat!(env!("OUT_DIR"), "/test/idb-keyval.js")), "idb-keyval.js").unwrap();
    }
    origin.page.json("keyval.setMany([['a', 1], ['b', new Map([[1, 2]])]])");
    assert_eq!(origin.worker.json("keyval.get('b').then((map) => map.get(1))"), "2");
    origin.worker.json("keyval.update('a', (n) => n + 1)");
    assert_eq!(origin.page.json("keyval.entries().then((all) => all.map(([key]) => key).join())"), "\"a,b\"");
    assert_eq!(origin.page.json("keyval.get('a')"), "2");
}

/// Dexie puts its own promise in place of the global one while its transactions run.
#[test]
fn dexie_runs_unmodified_though_it_swaps_promises() {
    let mut origin = origin();
    for world in [&mut origin.page, &mut origin.worker] {
        world.realm.evaluate(include_str!(concat!(env!("OUT_DIR"), "/test/dexie.js")), "dexie.js").unwrap();
        let source = "const db = new Dexie('shop'); db.version(1).stores({ orders: '++id, [kind+price]' });";
        world.realm.evaluate(source, "app.js").unwrap();
    }
    let several = "db.transaction('rw', db.orders, async () => { for (const price of [3, 1, 2]) { await db.orders.add({ kind: 'tea', price }); await Promise.resolve(); } return (await db.orders.toArray()).length; })";
    assert_eq!(origin.page.json(several), "3");
    let rolled_back = "db.transaction('rw', db.orders, async () => { await db.orders.clear(); throw new Error('no'); }).catch((error) => error.message)";
    assert_eq!(origin.page.json(rolled_back), "\"no\"");
    let query = "db.orders.where('[kind+price]').between(['tea', 2], ['tea', 9]).toArray().then((all) => all.map((o) => o.price))";
    assert_eq!(origin.worker.json(query), "[2,3]");
}

/// The shim and the packages in it hold on to the built-ins they began with.
#[test]
fn the_platform_works_when_scripts_take_the_globals_away() {
    let mut origin = origin();
    let source = r"
const { log } = console;
const kept = Promise.resolve('kept');
for (const name of ['Array', 'ArrayBuffer', 'DOMException', 'DataView', 'Date', 'Error', 'Event', 'EventTarget', 'JSON', 'Map',
  'Number', 'Object', 'Promise', 'Reflect', 'RegExp', 'Set', 'String', 'Symbol', 'SyncEvent', 'TypeError', 'URL', 'Uint8Array',
  'WeakMap', 'queueMicrotask', 'setTimeout', 'structuredClone']) globalThis[name] = undefined;
onsync = (event) => {
  event.waitUntil(kept);
  const opening = indexedDB.open('bare', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('s').put({ nested: [1, /x/] }, 'k');
  opening.onsuccess = () => {
    const getting = opening.result.transaction('s').objectStore('s').get('k');
    getting.onsuccess = async () => {
      log(getting.result.nested[0], event.tag, (await registration.sync.getTags()).length);
    };
  };
};";
    origin.worker.realm.evaluate(source, "bare.js").unwrap();
    origin.worker.realm.dispatch_sync(1, &[0x61], false);
    origin.worker.pass(10);
    let calls = origin.worker.realm.take_calls();
    let (ids, calls): (Vec<_>, Vec<_>) = calls.into_iter().unzip();
    let settled = Call::EventSettled { event_id: 1, outcome: EventOutcome::Fulfilled };
    let log = origin.worker.realm.take_log();
    assert_eq!(calls, [settled, Call::SyncGetTags { scope: "https://shop.test/".to_owned() }], "{log:?}");
    origin.worker.realm.settle(ids[1], Ok(Answer::Tags(vec![vec![]])));
    assert_eq!(origin.worker.realm.take_log().into_iter().map(|entry| entry.text).collect::<Vec<_>>(), ["1 a 1"]);
}
