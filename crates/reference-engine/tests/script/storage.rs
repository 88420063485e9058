//! IndexedDB: one set of databases for all realms of an origin.

use background_sync_reference_engine::script::{Clock as _, LogLevel};

use super::origin::{origin, run_until_printed};
use super::support::texts;

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
fn a_listener_that_throws_is_reported_and_aborts() {
    let mut origin = origin();
    let source = "chat().then((db) => { const tx = db.transaction('messages', 'readwrite'); tx.objectStore('messages').add({}).onsuccess = () => { throw new Error('mine'); }; return done(tx); })";
    assert_eq!(origin.page.run_for(source, 10), Err("AbortError".to_owned()));
    assert_eq!(texts(origin.page.realm.take_log(), LogLevel::UncaughtError), ["Error: mine"]);
    assert_eq!(origin.worker.json("read((s) => s.count())"), "0");
}
