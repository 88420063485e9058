//! Events that the engine fires at a worker, and what `waitUntil` makes of them.

use background_sync::registration::Tag;
use background_sync_reference_engine::script::{Call, EventOutcome, Lifecycle};

use super::support::{World, worker};

fn outcomes(world: &mut World) -> Vec<(u64, EventOutcome)> {
    let calls = world.realm.take_calls().into_iter();
    calls
        .filter_map(|(_, call)| match call {
            Call::EventSettled { event_id, outcome } => Some((event_id, outcome)),
            _ => None,
        })
        .collect()
}

/// The outcome of a `sync` event in a worker with this script, letting a minute go by.
fn outcome(source: &str) -> Option<EventOutcome> {
    let mut world = worker(source);
    world.realm.dispatch_sync(3, &Tag::from("tag"), false);
    world.pass(60_000);
    let mut outcomes = outcomes(&mut world);
    assert!(outcomes.len() <= 1, "settled twice: {outcomes:?}");
    outcomes.pop().map(|(id, outcome)| {
        assert_eq!(id, 3);
        outcome
    })
}

fn rejected(reason: &str) -> Option<EventOutcome> {
    Some(EventOutcome::Rejected { reason: reason.to_owned() })
}

const FULFILLED: Option<EventOutcome> = Some(EventOutcome::Fulfilled);
const WAIT: &str = "const wait = (ms) => new Promise((go) => setTimeout(go, ms));";

#[test]
fn without_wait_until_an_event_is_fulfilled() {
    assert_eq!(outcome(""), FULFILLED);
    assert_eq!(outcome("onsync = () => {}"), FULFILLED);
    assert_eq!(outcome("onsync = () => { throw new Error('alone'); }"), FULFILLED);
    assert_eq!(outcome("onsync = () => { throw new Proxy({}, { has() { throw 1; } }); }"), FULFILLED);
}

#[test]
fn an_event_ends_as_its_promises_do() {
    assert_eq!(outcome(&format!("{WAIT} onsync = (e) => e.waitUntil(wait(500))")), FULFILLED);
    assert_eq!(outcome("onsync = (e) => e.waitUntil(new Promise(() => {}))"), None);
    assert_eq!(
        outcome("onsync = (e) => e.waitUntil(Promise.reject(new TypeError('no')))"),
        rejected("TypeError: no, test.js:1")
    );
    assert_eq!(outcome("onsync = (e) => { e.waitUntil(Promise.reject('x')); throw 1 }"), rejected("x"));
    assert_eq!(outcome("onsync = (e) => e.waitUntil(5)"), FULFILLED);
}

#[test]
fn all_promises_must_settle_and_the_first_rejection_counts() {
    let source = format!(
        "{WAIT} onsync = (e) => {{ e.waitUntil(Promise.reject('first')); e.waitUntil(wait(100)); e.waitUntil(wait(50).then(() => Promise.reject('second'))); }}"
    );
    let mut world = worker(&source);
    world.realm.dispatch_sync(3, &Tag::from("tag"), false);
    world.pass(99);
    assert_eq!(outcomes(&mut world), []);
    world.pass(1);
    assert_eq!(outcomes(&mut world), [(3, EventOutcome::Rejected { reason: "first".to_owned() })]);
}

#[test]
fn wait_until_may_come_late_while_the_event_lives() {
    let in_microtask = "onsync = (e) => { Promise.resolve().then(() => e.waitUntil(Promise.reject('late'))); }";
    assert_eq!(outcome(in_microtask), rejected("late"));
    let in_task = format!(
        "{WAIT} onsync = (e) => {{ e.waitUntil(wait(100)); setTimeout(() => e.waitUntil(wait(1000).then(() => Promise.reject('joined'))), 50); }}"
    );
    assert_eq!(outcome(&in_task), rejected("joined"));
    let in_reaction = "onsync = (e) => { const p = Promise.resolve(); e.waitUntil(p); p.then(() => e.waitUntil(Promise.reject('chained'))); }";
    assert_eq!(outcome(in_reaction), rejected("chained"));
    let in_later_reaction = format!(
        "{WAIT} onsync = (e) => {{ const p = wait(10); e.waitUntil(p); p.then(() => e.waitUntil(Promise.reject('later'))); }}"
    );
    assert_eq!(outcome(&in_later_reaction), rejected("later"));
}

#[test]
fn wait_until_after_the_end_is_an_invalid_state() {
    let late =
        "onsync = (e) => setTimeout(() => { try { e.waitUntil(1); } catch (error) { console.log(error.name); } }, 10)";
    let mut world = worker(late);
    world.realm.dispatch_sync(3, &Tag::from("tag"), false);
    world.pass(100);
    assert_eq!(world.printed(), ["InvalidStateError"]);
}

#[test]
fn microtasks_run_between_listeners() {
    let source = "for (const n of [1, 2]) addEventListener('sync', () => { console.log(`listener ${n}`); Promise.resolve().then(() => console.log(`microtask ${n}`)); })";
    let mut world = worker(source);
    world.realm.dispatch_sync(3, &Tag::from("tag"), false);
    assert_eq!(world.printed(), ["listener 1", "microtask 1", "listener 2", "microtask 2"]);
}

#[test]
fn a_sync_event_carries_any_tag_and_the_last_chance() {
    let source = "onsync = (e) => console.log(e.isTrusted, e.type, [...Array(e.tag.length).keys()].map((i) => e.tag.charCodeAt(i)).join(), e.lastChance, e.target === self)";
    let mut world = worker(source);
    world.realm.dispatch_sync(3, &Tag::from_utf16(&[0xD800, 0x61, 0xDC00, 0]), true);
    world.realm.dispatch_sync(4, &Tag::from(""), false);
    assert_eq!(world.printed(), ["true sync 55296,97,56320,0 true true", "true sync  false true"]);
}

#[test]
fn a_replaced_handler_keeps_its_place() {
    let source = "onsync = () => console.log('old'); addEventListener('sync', () => console.log('listener')); onsync = () => console.log('new')";
    let mut world = worker(source);
    world.realm.dispatch_sync(3, &Tag::from("tag"), false);
    assert_eq!(world.printed(), ["new", "listener"]);
}

#[test]
fn lifecycle_events_are_extendable() {
    let source = "oninstall = (e) => e.waitUntil(Promise.reject(new Error('not today'))); onactivate = (e) => console.log(e instanceof ExtendableEvent)";
    let mut world = worker(source);
    world.realm.dispatch_lifecycle(1, Lifecycle::Install);
    world.realm.dispatch_lifecycle(2, Lifecycle::Activate);
    let reason = "Error: not today, test.js:1".to_owned();
    assert_eq!(outcomes(&mut world), [(1, EventOutcome::Rejected { reason }), (2, EventOutcome::Fulfilled)]);
    assert_eq!(world.printed(), ["true"]);
}
