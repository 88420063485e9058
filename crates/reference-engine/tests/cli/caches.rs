//! Caches in the lives of pages, workers and profiles.

use super::support::{Folder, OPEN_A};

/// A sync answers with what a page has put.
const WORKER: &str = "addEventListener('sync', event => event.waitUntil((async () => {
  const response = await caches.match('/draft');
  console.log(`${event.tag}: ${response ? await response.text() : 'nothing'}`);
  const cache = await caches.open('sent');
  await cache.put('/sent', new Response(`sent ${event.tag}`));
})()));";

const PAGE: &str = "<script>const registered = navigator.serviceWorker.register('sw.js');
const ask = async tag => (await navigator.serviceWorker.ready).sync.register(tag);
const keep = async text => (await caches.open('drafts')).put('/draft', new Response(text));
const kept = async (path = '/draft') => (await caches.match(path))?.text() ?? null;</script>";

fn folder() -> Folder {
    Folder::new().file("a.example/index.html", PAGE).file("a.example/sw.js", WORKER)
}

fn open(window: &str, host: &str, partition: &str) -> String {
    format!("[[step]]\nopen = {{ window = \"{window}\", url = \"https://{host}/\", partition = \"{partition}\" }}\n")
}

fn run(window: &str, script: &str, gives: &str) -> String {
    format!("[[step]]\nrun = {{ window = \"{window}\", script = \"{script}\", gives = '{gives}' }}\n")
}

#[test]
fn what_a_page_has_put_a_worker_matches_in_the_next_process() {
    for (end, said) in [("close", "the browser is closed"), ("kill", "process is killed")] {
        folder()
            .timeline(&format!(
                r#"{OPEN_A}
[[step]]
at = "1s"
network = "offline"
run = {{ window = "a", script = "keep('hello').then(() => ask('t'))", gives = "null" }}
[[step]]
at = "2s"
process = "{end}"
[[step]]
at = "3s"
network = "online"
[[step]]
at = "1h"
expect_console = "t: hello"
[[step]]
process = "{end}"
{OPEN_A}run = {{ window = "a", script = "kept('/sent')", gives = '"sent t"' }}
"#
            ))
            .run()
            .exits(0)
            .prints_in_order(&[said, "t: hello", said, "as expected"]);
    }
}

#[test]
fn origins_and_partitions_share_no_caches_and_private_ones_leave_nothing() {
    let folder = folder().file("a-example/index.html", PAGE);
    let store = folder.store();
    let steps = [
        open("p", "a.example", "private"),
        run("p", "keep('secret').then(() => kept())", "\"secret\""),
        open("q", "a.example", "private"),
        run("q", "kept()", "\"secret\""),
        open("a", "a.example", "profile"),
        run("a", "kept()", "null"),
        "[[step]]\nclose = \"p\"\n[[step]]\nclose = \"q\"\n".to_owned(),
        open("p", "a.example", "private"),
        run("p", "kept()", "null"),
    ];
    folder.write_timeline(&steps.concat());
    folder.run_with_store(&store).exits(0);
    assert!(!folder.path("profile/store.caches").exists());
    let steps = [open("a", "a.example", "profile"), run("a", "keep('mine').then(() => kept())", "\"mine\"")];
    folder.write_timeline(&steps.concat());
    folder.run_with_store(&store).exits(0);
    let steps = [
        open("o", "a-example", "profile"),
        run("o", "kept()", "null"),
        open("a", "a.example", "profile"),
        run("a", "kept()", "\"mine\""),
    ];
    folder.write_timeline(&steps.concat());
    folder.run_with_store(&store).exits(0);
}

#[test]
fn cleared_caches_do_not_come_back_from_a_page_that_is_still_open() {
    let folder = folder();
    let store = folder.store();
    folder.write_timeline(&format!(
        r#"{OPEN_A}run = {{ window = "a", script = "keep('first').then(() => caches.open('drafts')).then(cache => {{ globalThis.held = cache; }})" }}
[[step]]
clear = {{ origin = "https://a.example" }}
[[step]]
run = {{ window = "a", script = "Promise.all([kept(), caches.keys(), held.keys()])", gives = "[null, [], []]" }}
[[step]]
run = {{ window = "a", script = "keep('again').then(() => kept())", gives = '"again"' }}
[[step]]
close = "a"
{OPEN_A}run = {{ window = "a", script = "kept()", gives = "null" }}
"#
    ));
    folder.run_with_store(&store).exits(0);
    folder.write_timeline(&format!("{OPEN_A}run = {{ window = \"a\", script = \"kept()\", gives = \"null\" }}\n"));
    folder.run_with_store(&store).exits(0);
    assert!(!folder.path("profile/store.caches/0https%3a%2f%2fa.example").exists());
}

#[test]
fn a_worker_fills_its_cache_when_it_is_installed_or_is_not_installed() {
    let worker = "addEventListener('install', event => event.waitUntil(
        caches.open('v1').then(cache => cache.addAll(['/', 'data.json']))));
      addEventListener('sync', event => event.waitUntil(caches.match('data.json').then(async r => {
        console.log(r.status, r.type, r.headers.get('content-type'), (await r.json()).answer);
      })));";
    let failing = "addEventListener('install', event => event.waitUntil(
        caches.open('v2').then(cache => cache.addAll(['data.json', 'missing.json']))));";
    Folder::new()
        .file("a.example/index.html", PAGE)
        .file("a.example/sw.js", worker)
        .file("a.example/failing.js", failing)
        .file("a.example/data.json", "{ \"answer\": 42 }")
        .timeline(&format!(
            r#"{OPEN_A}
[[step]]
at = "1s"
run = {{ window = "a", script = "ask('t')" }}
[[step]]
at = "2s"
expect_console = "200 basic application/json 42"
run = {{ window = "a", script = "void navigator.serviceWorker.register('failing.js')" }}
[[step]]
at = "3s"
run = {{ window = "a", script = "caches.open('v2').then(cache => cache.keys()).then(keys => keys.length)", gives = "0" }}
"#
        ))
        .run()
        .exits(0)
        .prints("was not installed  (TypeError: https://a.example/missing.json was answered with status 404.)");
}

#[test]
fn a_worker_answers_from_its_cache_when_there_is_no_network() {
    let worker = "addEventListener('install', event => {
        skipWaiting();
        event.waitUntil(caches.open('v1').then(cache => cache.add('data.json')));
      });
      addEventListener('activate', event => event.waitUntil(clients.claim()));
      addEventListener('fetch', event => event.respondWith(caches.match(event.request).then(kept => kept ?? fetch(event.request))));";
    let folder = Folder::new()
        .file("a.example/index.html", PAGE)
        .file("a.example/sw.js", worker)
        .file("a.example/data.json", "{ \"answer\": 42 }");
    let store = folder.store();
    let ask = "fetch('data.json').then(async r => [r.status, r.url, (await r.json()).answer])";
    let steps = [
        OPEN_A.to_owned(),
        "[[step]]\nat = \"1s\"\nnetwork = \"offline\"\n".to_owned(),
        run("a", ask, "[200, \"https://a.example/data.json\", 42]"),
        "[[step]]\nrun = { window = \"a\", script = \"fetch('other.json')\", fails = \"TypeError\" }\n".to_owned(),
    ];
    folder.write_timeline(&steps.concat());
    folder.run_with_store(&store).exits(0);
}

#[test]
fn a_third_party_has_caches_of_its_own_that_are_not_kept() {
    let folder = folder().file("b.example/index.html", "");
    let store = folder.store();
    let embedded =
        "[[step]]\nopen = { window = \"t\", url = \"https://a.example/\", third_party_of = \"https://b.example\" }\n";
    let steps = [
        embedded.to_owned(),
        run("t", "keep('embedded').then(() => kept())", "\"embedded\""),
        open("a", "a.example", "profile"),
        run("a", "kept()", "null"),
    ];
    folder.write_timeline(&steps.concat());
    folder.run_with_store(&store).exits(0);
    assert!(!folder.path("profile/store.caches").exists());
}
