//! Client libraries run as they are, and rude scripts do not disturb the platform.

use background_sync::registration::Tag;
use background_sync_reference_engine::script::{
    Answer, Call, DomError, EventOutcome, FetchResponse, IndexedDb, ManualClock,
};

use super::origin::{origin, worker};
use super::support::START;

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
    origin.worker.realm.dispatch_sync(1, &Tag::from("a"), false);
    origin.worker.pass(10);
    let calls = origin.worker.realm.take_calls();
    let (ids, calls): (Vec<_>, Vec<_>) = calls.into_iter().unzip();
    let settled = Call::EventSettled { event_id: 1, outcome: EventOutcome::Fulfilled };
    let log = origin.worker.realm.take_log();
    assert_eq!(calls, [settled, Call::SyncGetTags { registration: 1 }], "{log:?}");
    origin.worker.realm.settle(ids[1], Ok(Answer::Tags(vec![Tag::from("")])));
    assert_eq!(origin.worker.realm.take_log().into_iter().map(|entry| entry.text).collect::<Vec<_>>(), ["1 a 1"]);
}

/// Workbox queues a request that failed, and replays it on `sync`, in a worker that was killed in between.
#[test]
fn workbox_background_sync_runs_unmodified_across_a_kill() {
    const APP: &str = "const queue = new workbox.Queue('orders');
async function order(text) {
  const request = new Request('/api', { method: 'POST', body: text, headers: { 'x-id': '7' } });
  try { await fetch(request.clone()); } catch { await queue.pushRequest({ request }); }
}";
    let clock = ManualClock::new(START);
    let db = IndexedDb::in_memory();
    let start = || {
        let mut world = worker(&db, &clock);
        world.realm.evaluate(include_str!(concat!(env!("OUT_DIR"), "/test/workbox.js")), "workbox.js").unwrap();
        world.realm.evaluate(APP, "app.js").unwrap();
        world
    };
    let offline = || Err(DomError::type_error("offline"));
    let mut first = start();
    first.realm.run(1, "order('tea')");
    let (id, call) = first.realm.take_calls().pop().unwrap();
    assert!(matches!(call, Call::Fetch(_)), "{call:?}");
    first.realm.settle(id, offline());
    first.pass(10);
    let (_, call) = first.realm.take_calls().pop().unwrap();
    let Call::SyncRegister { tag, .. } = call else { panic!("{call:?}") };
    assert_eq!(tag, Tag::from("workbox-background-sync:orders"));
    drop(first);

    let mut second = start();
    second.realm.take_calls();
    for (event_id, online) in [(1, false), (2, true)] {
        second.realm.dispatch_sync(event_id, &tag, false);
        second.pass(10);
        let (id, call) = second.realm.take_calls().pop().unwrap();
        let Call::Fetch(request) = call else { panic!("{call:?}") };
        assert_eq!((request.method.as_str(), request.body.as_slice()), ("POST", &b"tea"[..]));
        assert!(request.headers.contains(&("x-id".to_owned(), "7".to_owned())), "{request:?}");
        let response = FetchResponse {
            url: request.url,
            status: 200,
            status_text: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        second.realm.settle(id, if online { Ok(Answer::Response(response)) } else { offline() });
        second.pass(10);
        let (_, settled) = second.realm.take_calls().pop().unwrap();
        let Call::EventSettled { outcome, .. } = settled else { panic!("{settled:?}") };
        assert_eq!(outcome == EventOutcome::Fulfilled, online, "{outcome:?}");
    }
    assert_eq!(second.json("queue.size()"), "0");
}
