//! Scripts that fail, and scripts that do not stop.

use std::thread;
use std::time::Duration;

use background_sync::registration::Tag;
use background_sync_reference_engine::script::{Limits, LogLevel, ManualClock, Realm, Stopped};

use super::support::{START, page, texts, with, worker, worker_options};

fn limited(limits: Limits) -> Realm {
    let clock = ManualClock::new(START);
    let options = background_sync_reference_engine::script::RealmOptions { limits, ..worker_options(&clock) };
    Realm::new(&options).unwrap()
}

fn quick() -> Limits {
    // Long enough to load the web platform in a debug build on a busy machine.
    Limits { entry_time: Duration::from_secs(2), ..Limits::default() }
}

#[test]
fn errors_carry_name_message_file_and_line() {
    let mut world = worker("");
    let error = world.realm.evaluate("let a = 1;\n\nlet b = ;\n", "broken.js").unwrap_err();
    assert_eq!((error.name.as_str(), error.file.as_str(), error.line), ("SyntaxError", "broken.js", 3));
    let error = world.realm.evaluate("\nfunction f() { missing(); }\nf();", "throws.js").unwrap_err();
    assert_eq!(error.to_string(), "throws.js:2: ReferenceError: missing is not defined");
    let error = world.realm.evaluate("throw 'text'", "text.js").unwrap_err();
    assert_eq!((error.name.as_str(), error.message.as_str(), error.stopped), ("", "text", None));
    let error = world.realm.evaluate("throw new DOMException('m', 'AbortError')", "dom.js").unwrap_err();
    assert_eq!((error.name.as_str(), error.message.as_str()), ("AbortError", "m"));
    let error = world.realm.evaluate("throw new Error('\\ud800')", "lone.js").unwrap_err();
    assert_eq!(error.message, "\u{fffd}");
    world.realm.evaluate("a\0b", "nul.js").unwrap_err();
    let error = world.realm.evaluate("throw null", "null.js").unwrap_err();
    assert_eq!((error.message.as_str(), error.stopped), ("null", None));
    world.realm.evaluate("console.log('still alive')", "after.js").unwrap();
    assert_eq!(world.printed(), ["still alive"]);
}

#[test]
fn uncaught_errors_and_unhandled_rejections_are_logged_with_their_place() {
    let source = "onsync = () => {\n  throw new Error('in a listener');\n};\nsetTimeout(() => nowhere, 5);\nPromise.reject(new Error('unhandled'));\nconst p = Promise.reject(1); p.catch(() => {});";
    let mut world = worker(source);
    world.realm.dispatch_sync(1, &Tag::from(""), false);
    world.pass(10);
    let log = world.realm.take_log();
    let places: Vec<_> =
        log.iter().map(|entry| (entry.level, entry.text.as_str(), entry.file.as_str(), entry.line)).collect();
    assert_eq!(
        places,
        [
            (LogLevel::UnhandledRejection, "Error: unhandled", "test.js", 5),
            (LogLevel::UncaughtError, "Error: in a listener", "test.js", 2),
            (LogLevel::UncaughtError, "ReferenceError: nowhere is not defined", "test.js", 4),
        ]
    );
}

#[test]
fn an_endless_loop_runs_out_of_time_and_cannot_catch_it() {
    let mut realm = limited(quick());
    let error = realm
        .evaluate(
            "try { while (true) {} } catch { console.log('caught') } finally { console.log('finally') }",
            "loop.js",
        )
        .unwrap_err();
    assert_eq!(error.stopped, Some(Stopped::TimeUp));
    assert_eq!(realm.stopped(), Some(Stopped::TimeUp));
    assert_eq!(realm.take_log(), []);
    assert_eq!(realm.evaluate("1", "after.js").unwrap_err().stopped, Some(Stopped::TimeUp));
    realm.dispatch_sync(1, &Tag::from(""), false);
    assert_eq!(realm.take_calls(), []);
    assert_eq!(realm.next_timer(), None);
}

#[test]
fn another_thread_can_interrupt() {
    for source in ["for (;;) {}", "/^(a+)+$/.test('a'.repeat(40) + 'b')"] {
        let mut world = worker("");
        let handle = world.realm.interrupt_handle();
        let stopper = thread::spawn(move || {
            thread::sleep(Duration::from_millis(50));
            handle.interrupt();
        });
        let error = world.realm.evaluate(source, "loop.js").unwrap_err();
        stopper.join().unwrap();
        assert_eq!(error.stopped, Some(Stopped::Interrupted), "{source}");
    }
}

#[test]
fn an_interrupt_between_entries_counts_too() {
    let mut world = worker("onsync = () => console.log('ran')");
    world.realm.interrupt_handle().interrupt();
    assert_eq!(world.realm.stopped(), Some(Stopped::Interrupted));
    world.realm.dispatch_sync(1, &Tag::from(""), false);
    assert_eq!(world.realm.take_log(), []);
    assert_eq!(world.realm.take_calls(), []);
}

#[test]
fn endless_microtasks_are_stopped_at_the_top_and_in_events() {
    let limits = Limits { entry_jobs: 10_000, ..Limits::default() };
    let forever = "const again = () => Promise.resolve().then(again);";
    let mut realm = limited(limits);
    assert_eq!(
        realm.evaluate(&format!("{forever} again()"), "jobs.js").unwrap_err().stopped,
        Some(Stopped::TooManyJobs)
    );
    let mut realm = limited(limits);
    realm.evaluate(&format!("{forever} onsync = again"), "jobs.js").unwrap();
    realm.dispatch_sync(1, &Tag::from(""), false);
    assert_eq!(realm.stopped(), Some(Stopped::TooManyJobs));
}

#[test]
fn a_loop_in_a_microtask_or_timer_is_stopped_too() {
    let mut realm = limited(quick());
    let error = realm.evaluate("Promise.resolve().then(() => { for (;;) {} })", "job.js").unwrap_err();
    assert_eq!(error.stopped, Some(Stopped::TimeUp));
    let mut realm = limited(quick());
    realm.evaluate("setTimeout(() => { for (;;) {} })", "timer.js").unwrap();
    assert!(!realm.run_timer(START));
    assert_eq!(realm.stopped(), Some(Stopped::TimeUp));
}

#[test]
fn a_memory_eater_is_stopped_and_the_process_lives() {
    let mut world = worker("");
    let error =
        world.realm.evaluate("const all = []; for (;;) all.push(new Array(1000).fill(1))", "eat.js").unwrap_err();
    assert_eq!(error.stopped, Some(Stopped::OutOfMemory), "{error:?}");
    let mut world = worker("");
    world
        .realm
        .evaluate("try { 'x'.repeat(2 ** 29); console.log('room') } catch { console.log('caught') }", "eat.js")
        .unwrap();
    assert_eq!(world.printed(), ["caught"]);
    let mut world = worker("onsync = () => { const all = []; for (;;) all.push('x'.repeat(1000) + all.length) }");
    world.realm.dispatch_sync(1, &Tag::from(""), false);
    let log = world.realm.take_log();
    assert!(world.realm.stopped() == Some(Stopped::OutOfMemory) || !texts(log, LogLevel::UncaughtError).is_empty());
}

#[test]
fn a_realm_without_room_for_the_platform_is_not_made() {
    let clock = ManualClock::new(START);
    let limits = Limits { memory: 1 << 20, ..Limits::default() };
    let options = background_sync_reference_engine::script::RealmOptions { limits, ..worker_options(&clock) };
    let error = Realm::new(&options).err().unwrap();
    assert_eq!(error.stopped, Some(Stopped::OutOfMemory), "{error:?}");
}

#[test]
fn deep_recursion_is_an_error_the_script_can_catch() {
    let mut world = page("");
    world
        .realm
        .evaluate(
            "function f() { return f() + 1 } try { f() } catch (error) { console.log(error instanceof Error) }",
            "deep.js",
        )
        .unwrap();
    assert_eq!(world.printed(), ["true"]);
}

#[test]
fn a_flood_of_lines_is_cut_off() {
    let mut world = with(
        &worker_options(&ManualClock::new(START)),
        ManualClock::new(START),
        "for (let n = 0; n < 70_000; n++) console.log(n)",
    );
    assert_eq!(world.realm.take_log().len(), 65_536);
}

#[test]
fn messages_that_nobody_has_taken_yet_do_not_take_the_memory_of_all() {
    let mut world = page(
        "const { port1 } = new MessageChannel();
        const text = 'x'.repeat(1 << 20);
        let sent = 0;
        const flood = () => { try { for (; sent < 200; sent += 1) port1.postMessage(text); } catch (error) { return [error.name, sent > 32 && sent < 64]; } };",
    );
    assert_eq!(world.json("flood()"), r#"["RangeError",true]"#);
    assert_eq!(world.json("sent = 190, flood()"), "null", "they were taken");
}
