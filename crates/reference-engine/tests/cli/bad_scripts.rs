//! Scripts that are missing, broken or out of control.

use super::support::{Folder, GOOD_WORKER, OPEN_A};

/// Both sites ask for a sync without a network, which then returns. Stops before the first retry.
const BOTH: &str = r#"
[[step]]
open = { window = "a", url = "https://a.example/" }
[[step]]
open = { window = "b", url = "https://b.example/" }
[[step]]
at = "1s"
network = "offline"
run = { window = "a", script = "ask('t')" }
[[step]]
run = { window = "b", script = "ask('t')" }
[[step]]
at = "10s"
network = "online"
"#;

/// The worker of a is stopped in its event. The one of b gets its own all the same, and that of a is kept for a retry.
#[track_caller]
fn only_one_is_stopped(worker: &str, why: &str) {
    let after = r#"
[[step]]
at = "20s"
expect.event = { worker = "b", tag = "t" }
[[step]]
expect.registration = { worker = "b", tag = "t", state = "absent" }
[[step]]
expect.registration = { worker = "a", tag = "t", state = "waiting", attempts = 1 }
[[step]]
expect.running = 0
"#;
    Folder::with_site("a.example", worker)
        .site("b.example", GOOD_WORKER)
        .timeline(&format!("{BOTH}{after}"))
        .run()
        .exits(0)
        .prints(&format!("the worker of https://a.example/ was stopped: {why}"))
        .prints("got t");
}

#[test]
fn a_worker_that_loops_for_ever() {
    only_one_is_stopped("addEventListener('sync', () => { for (;;); });", "the script ran longer than its time limit");
}

#[test]
fn a_timeline_can_be_stricter_with_scripts_than_the_engine() {
    let limits = "[[step]]\nlimits = { entry_time = \"50ms\" }\n";
    let run = |comes: &str| {
        let script = "(() => { for (let n = 0; n < 2e7; n += 1); })()";
        format!("{OPEN_A}[[step]]\nrun = {{ window = \"a\", script = \"{script}\", {comes} }}\n")
    };
    let site = || Folder::with_site("a.example", GOOD_WORKER);
    site().timeline(&run("gives = \"null\"")).run().exits(0);
    site()
        .timeline(&format!("{limits}{}", run("fails = \"interrupted\"")))
        .run()
        .exits(0)
        .prints("the page in a was stopped: the script ran longer than its time limit");
}

#[test]
fn a_worker_that_queues_microtasks_for_ever() {
    only_one_is_stopped(
        "addEventListener('sync', e => e.waitUntil((async () => { for (;;) await null; })()));",
        // Which of its budgets ends it depends on the machine.
        "the script ",
    );
}

#[test]
fn a_worker_that_eats_memory() {
    only_one_is_stopped(
        "addEventListener('sync', () => { const all = []; for (;;) all.push(new Array(100000).fill(1)); });",
        "the script used up its memory",
    );
}

#[test]
fn a_worker_that_fetches_for_ever_without_time_passing() {
    only_one_is_stopped(
        "addEventListener('sync', e => e.waitUntil((async () => {\n\
           for (;;) await fetch('https://nowhere.example/').catch(() => {});\n\
         })()));",
        "it keeps itself busy without time passing; look for a loop of timers or fetches",
    );
}

#[test]
fn an_event_that_never_ends_is_stopped_at_its_cap() {
    Folder::with_site("a.example", "addEventListener('sync', e => e.waitUntil(new Promise(() => {})));")
        .timeline(
            r#"
[[step]]
open = { window = "a", url = "https://a.example/" }
[[step]]
at = "1s"
run = { window = "a", script = "ask('t')" }
expect.running = 1
[[step]]
at = "5min"
expect.terminate = { worker = "a", tag = "t", reason = "timeout", at = "3min 1s" }
"#,
        )
        .run()
        .exits(0)
        .prints("https://a.example/ is terminated  (its event took longer than it may)");
}

#[test]
fn a_page_that_loops_for_ever_loses_its_window_only() {
    let page = "<script>setTimeout(() => { for (;;); }, 1000)</script>";
    Folder::with_site("a.example", GOOD_WORKER)
        .file("b.example/index.html", page)
        .timeline(
            r#"
[[step]]
open = { window = "b", url = "https://b.example/" }
[[step]]
open = { window = "a", url = "https://a.example/" }
[[step]]
at = "10s"
run = { window = "a", script = "ask('t')" }
"#,
        )
        .run()
        .exits(0)
        .prints_in_order(&["the page in b was stopped: the script ran longer", "closes b", "got t"]);
}

#[test]
fn a_module_of_a_page_is_told_of() {
    let page =
        "<!doctype html>\n<script type=\"module\" src=\"m.js\"></script>\n<script>console.log('classic')</script>";
    Folder::new().file("a.example/index.html", page).timeline(OPEN_A).run().exits(0).prints_in_order(&[
        "a module script is not run; bundle it to a classic one  (https://a.example/:2)",
        "classic",
    ]);
}

/// A page whose registration is refused for this reason; another site's works.
#[track_caller]
fn is_not_registered(worker: &str, fails: &str) {
    let folder = Folder::with_site("b.example", GOOD_WORKER);
    let folder = if worker.is_empty() {
        folder.file(
            "a.example/index.html",
            "<script>const registered = navigator.serviceWorker.register('sw.js');</script>",
        )
    } else {
        folder.site("a.example", worker)
    };
    folder
        .timeline(&format!(
            r#"
[[step]]
open = {{ window = "a", url = "https://a.example/" }}
run = {{ window = "a", script = "registered", fails = "{fails}" }}
[[step]]
open = {{ window = "b", url = "https://b.example/" }}
[[step]]
run = {{ window = "b", script = "ask('t')" }}
expect.event = {{ worker = "b", tag = "t" }}
"#
        ))
        .run()
        .exits(0);
}

#[test]
fn a_worker_script_that_is_not_there() {
    is_not_registered("", "TypeError: https://a.example/sw.js: the server answers 404");
}

#[test]
fn a_worker_script_with_a_syntax_error_names_file_and_line() {
    is_not_registered("let ok = 1;\nlet = = 2;\n", "failed: https://a.example/sw.js:2: SyntaxError: ");
}

#[test]
fn a_worker_script_that_throws_at_its_start() {
    is_not_registered("\nthrow new RangeError('no way')", "failed: https://a.example/sw.js:2: RangeError: no way");
}

#[test]
fn a_worker_script_that_loops_at_its_start() {
    is_not_registered("for (;;);", "failed: https://a.example/sw.js: the script ran longer than its time limit");
}

#[test]
fn a_worker_script_that_imports_what_is_not_there() {
    is_not_registered("importScripts('gone.js')", "gone.js: the server answers 404");
}

/// `install` fails: no worker, ever, and a tag cannot be registered.
#[track_caller]
fn is_not_installed(worker: &str, at: &str, why: &str) {
    Folder::with_site("a.example", worker)
        .timeline(&format!(
            r#"
[[step]]
open = {{ window = "a", url = "https://a.example/" }}
run = {{ window = "a", script = "registered.then(r => globalThis.r = r).then(() => 0)", gives = "0" }}
[[step]]
at = "{at}"
run = {{ window = "a", script = "r.sync.register('t')", fails = "InvalidStateError" }}
expect.registration = {{ worker = "a", tag = "t", state = "absent" }}
"#
        ))
        .run()
        .exits(0)
        .prints(&format!("https://a.example/ was not installed  ({why})"));
}

#[test]
fn an_install_that_is_rejected() {
    is_not_installed(
        "addEventListener('install', e => e.waitUntil(Promise.reject(new Error('no room'))))",
        "1s",
        "Error: no room, https://a.example/sw.js:1",
    );
}

#[test]
fn an_install_that_never_ends() {
    is_not_installed(
        "addEventListener('install', e => e.waitUntil(new Promise(() => {})))",
        "6min",
        "its event did not end within 5 minutes",
    );
}

#[test]
fn a_tag_over_the_cap_is_refused_and_the_next_one_taken() {
    Folder::with_site("a.example", GOOD_WORKER)
        .timeline(&format!(
            r#"{OPEN_A}
[[step]]
network = "offline"
run = {{ window = "a", script = "ask('x'.repeat(10241))", fails = "QuotaExceededError" }}
[[step]]
run = {{ window = "a", script = "ask('x'.repeat(10240))" }}
[[step]]
run = {{ window = "a", script = "tags().then(tags => tags.map(tag => tag.length))", gives = "[10240]" }}
"#
        ))
        .run()
        .exits(0);
}

#[test]
fn a_worker_without_a_window_is_refused_and_its_event_goes_on() {
    let worker = "addEventListener('sync', event => event.waitUntil((async () => {\n\
                    try { await registration.sync.register('again'); } catch (e) { console.log(e.name); }\n\
                    console.log((await registration.sync.getTags()).join());\n\
                  })()));";
    Folder::with_site("a.example", worker)
        .timeline(&format!(
            r#"{OPEN_A}
[[step]]
at = "1s"
network = "offline"
run = {{ window = "a", script = "ask('t')" }}
[[step]]
at = "2s"
close = "a"
[[step]]
at = "3s"
network = "online"
[[step]]
at = "5min"
expect_console = "InvalidAccessError"
expect.event = {{ worker = "a", tag = "t", background = true }}
expect.registration = {{ worker = "a", tag = "t", state = "absent" }}
[[step]]
expect_console = "t"
"#
        ))
        .run()
        .exits(0);
}

#[test]
fn a_page_that_starts_workers_without_end_gets_a_few() {
    let page = "<script>
      const flood = () => { for (let n = 0; n < 5000; n += 1) new Worker('worker.js'); };
      const shared = () => { for (let n = 0; n < 5000; n += 1) new SharedWorker('worker.js', `${n}`); };
    </script>";
    let run = |script: &str| {
        format!("[[step]]\nat = \"1s\"\nrun = {{ window = \"a\", script = \"{script}\", gives = \"null\" }}\n")
    };
    Folder::new()
        .file("a.example/index.html", page)
        .file("a.example/worker.js", "console.log('one more')")
        .timeline(&format!("{OPEN_A}{}{}", run("flood()"), run("shared()")))
        .run()
        .exits(0)
        .prints("no more workers for https://a.example: it has 50");
}

#[test]
fn a_page_runs_no_worker_of_another_origin() {
    let page = "<script>
      new Worker('https://b.example/worker.js');
      new SharedWorker('https://b.example/worker.js');
      const lone = () => {
        new Worker('worker.js', {name: '\\ud800'});
        return navigator.serviceWorker.getRegistration().then(() => 'goes on');
      };
    </script>";
    let lone = "[[step]]\nrun = { window = \"a\", script = \"lone()\", gives = '\"goes on\"' }\n";
    Folder::new()
        .file("a.example/index.html", page)
        .file("a.example/worker.js", "console.log('ours')")
        .file("b.example/worker.js", "console.log('theirs')")
        .timeline(&format!("{OPEN_A}{lone}"))
        .run()
        .exits(0)
        .prints("ours")
        .prints_no("theirs")
        .prints("https://b.example/worker.js is of another origin than its page");
}

#[test]
fn a_page_that_registers_workers_without_end_gets_a_few() {
    let page = "<script>
      const one = n => navigator.serviceWorker.register('sw.js', {scope: `/${n}/`}).then(() => 'registered', error => error.name);
      const flood = async () => {
        const came = await Promise.all(Array.from({length: 500}, (_, n) => one(n)));
        return ['registered', 'QuotaExceededError'].map(what => came.filter(each => each === what).length);
      };
      const again = () => Promise.all([one(3), one(7)]);
    </script>";
    let run = |at: &str, script: &str, gives: &str| {
        format!("[[step]]\nat = \"{at}\"\nrun = {{ window = \"a\", script = \"{script}\", gives = '{gives}' }}\n")
    };
    let steps = [run("1s", "flood()", "[50, 450]"), run("2s", "again()", r#"["registered", "registered"]"#)];
    Folder::new()
        .file("a.example/index.html", page)
        .file("a.example/sw.js", "")
        .timeline(&format!("{OPEN_A}{}", steps.concat()))
        .run()
        .exits(0);
}

#[test]
fn trouble_is_counted_and_with_strict_it_is_not_as_expected() {
    let folder = Folder::with_site("a.example", GOOD_WORKER)
        .file("a.example/index.html", "<script>oops(;</script>")
        .timeline(&format!("{OPEN_A}[[step]]\nat = \"1s\"\n"));
    let args = |strict: bool| {
        let run = [std::ffi::OsString::from("run"), folder.path("").into()];
        run.into_iter().chain(strict.then(|| "--strict".into()))
    };
    super::support::bgsync(args(false)).exits(0).prints("as expected, 1 line of trouble: 0 sync events");
    super::support::bgsync(args(true)).exits(1).prints("https://a.example/:1: SyntaxError");
    // Trouble before a kill counts in the process that comes to the end.
    folder.write_timeline(&format!("{OPEN_A}[[step]]\nat = \"1s\"\nprocess = \"kill\"\n[[step]]\nat = \"2s\"\n"));
    super::support::bgsync(args(false)).exits(0).prints("as expected, 1 line of trouble");
    super::support::bgsync(args(true)).exits(1);
    let clean = Folder::with_site("a.example", GOOD_WORKER).timeline(OPEN_A);
    let clean =
        super::support::bgsync([std::path::Path::new("run"), &clean.path(""), std::path::Path::new("--strict")]);
    clean.exits(0).prints("as expected: 0 sync events");
}
