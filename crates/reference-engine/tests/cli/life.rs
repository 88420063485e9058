//! Lives of workers, pages and what they keep.

use super::support::{Folder, GOOD_WORKER, OPEN_A};

/// Keeps one word in IndexedDB.
const KEEPER: &str = r"<script>
const open = () => new Promise((done, fail) => {
  const request = indexedDB.open('words', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('words');
  request.onsuccess = () => done(request.result);
  request.onerror = () => fail(request.error);
});
const ask = (mode, work) => open().then(db => new Promise((done, fail) => {
  const request = work(db.transaction('words', mode).objectStore('words'));
  request.onsuccess = () => done(request.result ?? null);
  request.onerror = () => fail(request.error);
}));
const keep = word => ask('readwrite', words => words.put(word, 1)).then(() => null);
const kept = () => ask('readonly', words => words.get(1));
</script>";

#[test]
fn a_changed_script_takes_over_and_gets_the_syncs_of_the_old_one() {
    let folder = Folder::with_site("a.example", GOOD_WORKER);
    let store = folder.store();
    folder.write_timeline(&format!(
        "{OPEN_A}[[step]]\nat = \"1s\"\nnetwork = \"offline\"\nrun = {{ window = \"a\", script = \"ask('old')\" }}\n"
    ));
    folder.run_with_store(&store).exits(0).prints("1 still registered");
    let second = "skipWaiting(); addEventListener('sync', event => console.log(`second got ${event.tag}`));";
    folder.write("a.example/sw.js", second);
    folder.write_timeline(&format!(
        r#"[[step]]
network = "offline"
[[step]]
expect.registration = {{ worker = "a", tag = "old", state = "pending" }}
{OPEN_A}
[[step]]
at = "1s"
network = "online"
[[step]]
at = "2s"
close = "a"
{OPEN_A}
[[step]]
at = "1h"
expect_console = "second got old"
expect.registration = {{ worker = "a", tag = "old", state = "absent" }}
"#
    ));
    folder.run_with_store(&store).exits(0).prints_in_order(&[
        "https://a.example/ has a new worker  (its script has changed)",
        "is active",
        "second got old",
    ]);
}

#[test]
fn a_changed_script_that_does_not_install_leaves_the_old_worker() {
    let folder = Folder::with_site("a.example", GOOD_WORKER);
    let store = folder.store();
    folder.write_timeline(OPEN_A);
    folder.run_with_store(&store).exits(0);
    folder.write("a.example/sw.js", "addEventListener('install', e => e.waitUntil(Promise.reject(new Error('no'))));");
    folder
        .write_timeline(&format!("{OPEN_A}[[step]]\nat = \"1s\"\nrun = {{ window = \"a\", script = \"ask('t')\" }}\n"));
    folder.run_with_store(&store).exits(0).prints_in_order(&[
        "the new worker of https://a.example/ was not installed  (Error: no, https://a.example/sw.js:1)",
        "got t",
    ]);
}

#[test]
fn a_new_worker_waits_for_the_event_of_the_old_one() {
    let worker = "addEventListener('sync', event => event.waitUntil(new Promise(done => setTimeout(() => {\n\
                    console.log('first is done'); done();\n\
                  }, 60000))));";
    let page = "<script>navigator.serviceWorker.register('sw.js');\n\
                const ask = async tag => (await navigator.serviceWorker.ready).sync.register(tag);\n\
                const update = () => navigator.serviceWorker.register('second.js');</script>";
    Folder::with_site("a.example", worker)
        .file("a.example/index.html", page)
        .file("a.example/second.js", GOOD_WORKER)
        .timeline(&format!(
            r#"{OPEN_A}
[[step]]
at = "1s"
run = {{ window = "a", script = "ask('t')" }}
[[step]]
at = "2s"
run = {{ window = "a", script = "update().then(r => r.scope)", gives = '"https://a.example/"' }}
[[step]]
at = "2min"
run = {{ window = "a", script = "ask('u')" }}
"#
        ))
        .run()
        .exits(0)
        .prints_in_order(&["has a new worker", "first is done", "is active", "got u"]);
}

#[test]
fn a_private_partition_is_forgotten_with_its_last_window() {
    let open = "[[step]]\nopen = { window = \"p\", url = \"https://a.example/\", partition = \"private\" }\n";
    let folder = Folder::with_site("a.example", GOOD_WORKER);
    let store = folder.store();
    folder.write_timeline(&format!(
        r#"{open}
[[step]]
at = "1s"
network = "offline"
run = {{ window = "p", script = "ask('secret').then(tags)", gives = '["secret"]' }}
expect.commits = 0
[[step]]
at = "2s"
close = "p"
[[step]]
at = "3s"
network = "online"
[[step]]
at = "1h"
expect.no_event = {{}}
{open}
[[step]]
at = "2h"
run = {{ window = "p", script = "tags()", gives = "[]" }}
"#
    ));
    // The worker, too, is installed anew.
    let installed = "https://a.example/ is active";
    folder.run_with_store(&store).exits(0).prints_in_order(&[installed, "closes p", installed, "0 still registered"]);
    let workers = std::fs::read_to_string(folder.path("profile/store.workers.json")).unwrap_or_default();
    assert!(!workers.contains("a.example"), "{workers}");
}

#[test]
fn cleared_data_does_not_come_back_from_a_page_that_is_still_open() {
    let folder = Folder::new().file("a.example/index.html", KEEPER);
    let store = folder.store();
    folder.write_timeline(&format!(
        r#"{OPEN_A}run = {{ window = "a", script = "keep('first')" }}
[[step]]
clear = {{ origin = "https://a.example" }}
[[step]]
run = {{ window = "a", script = "keep('again').then(kept)", gives = '"again"' }}
[[step]]
close = "a"
{OPEN_A}run = {{ window = "a", script = "kept()", gives = "null" }}
"#
    ));
    folder.run_with_store(&store).exits(0);
    folder.write_timeline(&format!("{OPEN_A}run = {{ window = \"a\", script = \"kept()\", gives = \"null\" }}\n"));
    folder.run_with_store(&store).exits(0);
}

#[test]
fn what_is_kept_is_there_in_the_next_process_and_origins_do_not_share_it() {
    // Names that a careless file name would mix up.
    let folder = Folder::new().file("a.example/index.html", KEEPER).file("a-example/index.html", KEEPER);
    let store = folder.store();
    let other = "[[step]]\nopen = { window = \"o\", url = \"https://a-example/\" }\n";
    folder.write_timeline(&format!("{OPEN_A}run = {{ window = \"a\", script = \"keep('mine')\" }}\n"));
    folder.run_with_store(&store).exits(0);
    folder.write_timeline(&format!(
        "{OPEN_A}run = {{ window = \"a\", script = \"kept()\", gives = '\"mine\"' }}\n\
         {other}run = {{ window = \"o\", script = \"kept()\", gives = \"null\" }}\n"
    ));
    folder.run_with_store(&store).exits(0);
}

#[test]
fn a_connection_breaks_with_its_network() {
    Folder::with_site("a.example", GOOD_WORKER)
        .timeline(&format!(
            r#"{OPEN_A}server = {{ origin = "https://a.example", path = "/slow", takes = "1h" }}
[[step]]
at = "1s"
run = {{ window = "a", script = "void fetch('/slow').catch(error => console.log(error.message))" }}
[[step]]
at = "2s"
network = "offline"
expect_console = "the connection was lost"
"#
        ))
        .run()
        .exits(0);
}

#[test]
fn a_page_may_close_with_calls_under_way() {
    Folder::with_site("a.example", GOOD_WORKER)
        .timeline(&format!(
            r#"{OPEN_A}server = {{ origin = "https://a.example", path = "/slow", takes = "1h" }}
[[step]]
at = "1s"
run = {{ window = "a", script = "void fetch('/slow'), void ask('t')" }}
close = "a"
[[step]]
at = "2h"
expect.registration = {{ worker = "a", tag = "t", state = "absent" }}
"#
        ))
        .run()
        .exits(0);
}

#[test]
fn unregistering_while_an_event_runs_lets_it_run_out() {
    let worker = "addEventListener('sync', event => event.waitUntil(new Promise(done => setTimeout(() => {\n\
                    console.log('done all the same'); done();\n\
                  }, 60000))));";
    Folder::with_site("a.example", worker)
        .timeline(&format!(
            r#"{OPEN_A}
[[step]]
at = "1s"
run = {{ window = "a", script = "ask('t')" }}
expect.running = 1
[[step]]
at = "2s"
run = {{ window = "a", script = "registered.then(r => r.unregister())", gives = "true" }}
expect.registration = {{ worker = "a", tag = "t", state = "absent" }}
[[step]]
at = "5min"
expect_console = "done all the same"
run = {{ window = "a", script = "registered.then(r => r.sync.register('u'))", fails = "InvalidStateError" }}
[[step]]
run = {{ window = "a", script = "registered.then(r => r.sync.getTags())", gives = "[]" }}
"#
        ))
        .run()
        .exits(0);
}

#[test]
fn nothing_happens_while_the_system_sleeps() {
    Folder::with_site("a.example", GOOD_WORKER)
        .timeline(&format!(
            r#"{OPEN_A}
[[step]]
at = "1s"
run = {{ window = "a", script = "void setTimeout(() => console.log(`woken`), 60000)" }}
[[step]]
at = "2s"
system = "sleep"
[[step]]
at = "1h"
system = "wake"
expect_console = "woken"
"#
        ))
        .run()
        .exits(0)
        .prints("1:00:00.000           a  woken");
}

#[test]
fn pages_that_are_busy_at_the_same_moment_take_turns() {
    let count = "(async () => { for (let i = 0; i < 3; i++) { await keep(i); console.log(i); } })()";
    let page = format!("{KEEPER}<script>setTimeout(() => {count}, 1000);</script>");
    let said = Folder::new()
        .file("a.example/index.html", &page)
        .file("b.example/index.html", &page)
        .timeline(&format!(
            "{OPEN_A}[[step]]\nopen = {{ window = \"b\", url = \"https://b.example/\" }}\n[[step]]\nat = \"10s\"\n"
        ))
        .run()
        .exits(0);
    let turns: Vec<_> = said.out.lines().filter_map(|line| line.strip_prefix("  0:00:01.000           ")).collect();
    assert_eq!(turns, ["a  0", "b  0", "a  1", "b  1", "a  2", "b  2"], "{}", said.out);
}
