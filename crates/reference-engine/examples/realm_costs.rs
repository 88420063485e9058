//! What a realm costs: `cargo run --release -p background-sync-reference-engine --example realm_costs`.
//!
//! Prints the smallest and the middle of several runs; on a busy machine look at the smallest. The last column is what
//! each figure must stay under.

use std::rc::Rc;
use std::time::{Duration, Instant};

use background_sync::registration::Tag;
use background_sync_reference_engine::script::{
    Caches, Call, GlobalKind, IndexedDb, Limits, ManualClock, PermissionState, Realm, RealmOptions, RegistrationInfo,
    ScriptError, ServiceWorkerState, UpdateViaCache, WorkerInfo,
};
use url::Url;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start = runs(40, || {
        let begun = now();
        worker(Limits::default()).map(|_| begun.elapsed())
    })?;
    print("a worker with the whole platform starts", start, "40 ms");
    let memory = worker(Limits::default())?.memory_used();
    println!("{:<50} {:>9} kB  (under 3,000 kB)", "  and takes", memory / 1_000);

    let mut realm = worker(Limits::default())?;
    realm.evaluate("onsync = event => event.waitUntil((async () => { await 0; await 0; })())", "sw.js")?;
    let before = realm.memory_used();
    let (mut event, mut each) = (0, Vec::new());
    let mut events = |realm: &mut Realm, count: u64| {
        for _ in 0..count {
            event += 1;
            let begun = now();
            realm.dispatch_sync(event, &Tag::from("outbox"), false);
            let ended = realm.take_calls().iter().any(|(_, call)| matches!(call, Call::EventSettled { .. }));
            assert!(ended, "the event has ended");
            each.push(begun.elapsed());
        }
    };
    events(&mut realm, 1_000);
    let early = realm.memory_used();
    events(&mut realm, 10_000);
    println!(
        "{:<50} {:>9} kB  (flat; the first 1,000 took {} kB)",
        "10,000 events leave behind",
        kilobytes(realm.memory_used(), early),
        kilobytes(early, before),
    );
    each.sort();
    print("a sync event with waitUntil, to its end", (each[0], each[each.len() / 2]), "100 µs");

    let limit = Duration::from_millis(100);
    let overrun = runs(10, || {
        let mut realm = worker(Limits { entry_time: limit, ..Limits::default() })?;
        let begun = now();
        let stopped = realm.evaluate("for (;;) {}", "loop.js").err().and_then(|error| error.stopped);
        assert!(stopped.is_some(), "the loop was stopped");
        Ok(begun.elapsed().saturating_sub(limit))
    })?;
    print("an endless loop goes on after its deadline for", overrun, "50 ms");
    Ok(())
}

fn worker(limits: Limits) -> Result<Realm, ScriptError> {
    let script_url = "https://shop.test/sw.js".to_owned();
    let worker = WorkerInfo { id: 1, script_url: script_url.clone(), state: ServiceWorkerState::Activated };
    let registration = RegistrationInfo {
        id: 1,
        scope: "https://shop.test/".to_owned(),
        update_via_cache: UpdateViaCache::Imports,
        installing: None,
        waiting: None,
        active: Some(worker.clone()),
    };
    Realm::new(&RealmOptions {
        kind: GlobalKind::ServiceWorker { registration, worker },
        id: 1,
        location: Url::parse(&script_url).expect("it is a URL"),
        online: true,
        background_sync: true,
        notifications: PermissionState::Prompt,
        limits,
        seed: 1,
        clock: Rc::new(ManualClock::new(0)),
        indexed_db: IndexedDb::in_memory(),
        caches: Caches::in_memory(),
        loader: Rc::new(|_| Err("there is nothing to import".to_owned())),
    })
}

/// The smallest and the middle of several runs.
fn runs(
    count: usize,
    mut run: impl FnMut() -> Result<Duration, ScriptError>,
) -> Result<(Duration, Duration), ScriptError> {
    let mut times = (0..count).map(|_| run()).collect::<Result<Vec<_>, _>>()?;
    times.sort();
    Ok((times[0], times[count / 2]))
}

fn print(what: &str, (smallest, middle): (Duration, Duration), limit: &str) {
    println!("{what:<50} {smallest:>12.1?}  middle {middle:.1?}  (under {limit})");
}

fn kilobytes(after: u64, before: u64) -> i64 {
    (i64::try_from(after).unwrap_or(i64::MAX) - i64::try_from(before).unwrap_or(0)) / 1_000
}

#[expect(clippy::disallowed_methods, reason = "measuring is what this is for")]
fn now() -> Instant {
    Instant::now()
}
