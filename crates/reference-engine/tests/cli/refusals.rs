//! Every refusal as a page sees it: the exception's name and message.

use super::support::{Folder, OPEN_A};

const PAGE: &str = "<script>
const registered = navigator.serviceWorker?.register('sw.js');
const asked = async tag => (await registered).sync.register(tag).then(() => 'ok', e => `${e.name}: ${e.message}`);
const ready = () => navigator.serviceWorker.ready.then(() => 'ready');
</script>";

fn site() -> Folder {
    Folder::new().file("a.example/index.html", PAGE).file("a.example/sw.js", "")
}

/// Runs steps after which `asked(...)` in window `a` has this answer.
fn answer(parameters: &str, steps: &str, script: &str, expected: &str) {
    let folder = site();
    folder.write_timeline(&format!(
        "[parameters]\n{parameters}\n{steps}\n[[step]]\nat = \"10s\"\nrun = {{ window = \"a\", script = {script:?}, gives = {:?} }}\n",
        format!("{expected:?}")
    ));
    folder.run().exits(0);
}

fn refused(steps: &str, expected: &str) {
    answer("", steps, "asked('t')", expected);
}

#[test]
fn no_active_worker_yet() {
    let folder = Folder::new()
        .file("a.example/index.html", PAGE)
        .file("a.example/sw.js", "oninstall = event => event.waitUntil(new Promise(() => {}));");
    folder.write_timeline(&format!("{OPEN_A}[[step]]\nat = \"1s\"\nrun = {{ window = \"a\", script = \"asked('t')\", gives = '\"InvalidStateError: The service worker registration has no active worker yet; wait for navigator.serviceWorker.ready.\"' }}\n"));
    folder.run().exits(0);
}

#[test]
fn a_fenced_frame() {
    refused(
        &OPEN_A.replace(" }", ", frame = \"nested\", fenced = true }"),
        "NotAllowedError: Background sync can't be used from inside a fenced frame.",
    );
}

#[test]
fn the_user_has_switched_it_off() {
    refused(
        &format!("{OPEN_A}[[step]]\nat = \"1s\"\nswitch = {{ to = \"off\" }}\n"),
        "NotAllowedError: Background sync is switched off; send the data from the page instead.",
    );
}

#[test]
fn the_operating_system_restricts_background_work() {
    refused(
        &format!("{OPEN_A}[[step]]\nat = \"1s\"\nrestriction = \"restricted\"\n"),
        "NotAllowedError: The operating system restricts background work at present; send the data from the page instead.",
    );
    refused(
        &format!(
            "{OPEN_A}[[step]]\nat = \"1s\"\nrestriction = \"restricted\"\n[[step]]\nat = \"2s\"\nrestriction = \"none\"\n"
        ),
        "ok",
    );
}

#[test]
fn the_permission_is_denied() {
    refused(
        &format!(
            "{OPEN_A}[[step]]\nat = \"1s\"\npermission = {{ origin = \"https://a.example\", state = \"denied\" }}\n"
        ),
        "NotAllowedError: The background-sync permission is denied; send the data from the page instead.",
    );
}

#[test]
fn only_a_nested_frame_is_open() {
    refused(
        &OPEN_A.replace(" }", ", frame = \"nested\" }"),
        "InvalidAccessError: A sync can be registered only while a window of this origin is open; register from the page, before it is closed.",
    );
}

#[test]
fn a_third_party_is_refused_though_a_window_is_open() {
    let embedded = "[[step]]\nopen = { window = \"b\", url = \"https://a.example/\" }\n[[step]]\nopen = { window = \"a\", url = \"https://a.example/\", frame = \"nested\", third_party_of = \"https://top.example\" }\n";
    refused(
        embedded,
        "InvalidAccessError: Background sync can't be used by a worker registered inside another site's page.",
    );
}

#[test]
fn tags_and_registrations_have_caps() {
    answer(
        "max_tag_length = 10",
        OPEN_A,
        "ready().then(() => asked('t'.repeat(11)))",
        "QuotaExceededError: The tag is too long; use a short name and keep the data in IndexedDB.",
    );
    let many = "ready().then(() => asked('1')).then(() => asked('2')).then(() => asked('3'))";
    let offline = &format!("[[step]]\nnetwork = \"online\"\n{OPEN_A}[[step]]\nat = \"5s\"\nnetwork = \"offline\"\n");
    answer(
        "max_registrations_per_worker = 2",
        offline,
        many,
        "QuotaExceededError: This service worker has too many sync registrations waiting; use one tag for a whole queue.",
    );
    answer(
        "max_registrations_per_origin = 2",
        offline,
        many,
        "QuotaExceededError: This origin has too many sync registrations waiting; use one tag for a whole queue.",
    );
    answer(
        "max_tag_bytes_per_origin = 4",
        offline,
        many,
        "QuotaExceededError: The tags of this origin take too much room; use short names and keep the data in IndexedDB.",
    );
}

#[test]
fn a_detached_frame_is_told_and_nothing_crashes() {
    let folder = site();
    let gone = "\"InvalidStateError: The frame this script belongs to was removed; ask from a page that is open.\"";
    folder.write_timeline(&format!(
        "{OPEN_A}[[step]]\nopen = {{ window = \"f\", url = \"https://a.example/\", frame = \"nested\" }}\n\
         [[step]]\nat = \"1s\"\nrun = {{ window = \"f\", script = \"asked('before')\", gives = '\"ok\"' }}\n\
         [[step]]\nat = \"2s\"\ndetach = \"f\"\n\
         [[step]]\nrun = {{ window = \"f\", script = \"asked('after')\", gives = '{gone}' }}\n\
         [[step]]\nrun = {{ window = \"f\", script = \"registered.then(r => r.sync.getTags())\", gives = \"[]\" }}\n\
         [[step]]\nrun = {{ window = \"f\", script = \"registered.then(r => [r.sync === r.sync, typeof r.unregister])\", gives = '[true, \"function\"]' }}\n\
         [[step]]\nrun = {{ window = \"f\", script = \"navigator.serviceWorker.register('sw.js')\", fails = \"InvalidStateError\" }}\n\
         [[step]]\nrun = {{ window = \"a\", script = \"asked('other')\", gives = '\"ok\"' }}\n\
         [[step]]\ndetach = \"g\"\n"
    ));
    folder.run().exits(4).complains("no window `g` is open; there is nothing to detach").prints_no("not as expected");
}

#[test]
fn an_insecure_page_has_no_service_workers_at_all() {
    let folder = site().timeline(
        "[[step]]\nopen = { window = \"a\", url = \"http://a.example/\" }\n\
         [[step]]\nrun = { window = \"a\", script = \"[isSecureContext, 'serviceWorker' in navigator, typeof SyncManager, typeof PeriodicSyncManager, typeof ServiceWorkerRegistration, typeof Notification]\", gives = '[false, false, \"undefined\", \"undefined\", \"undefined\", \"undefined\"]' }\n",
    );
    folder.run().exits(0);
}

#[test]
fn a_browser_without_it_has_nothing_of_it() {
    let folder = site().timeline(&format!(
        "[[step]]\nbackground_sync = \"missing\"\n{OPEN_A}[[step]]\nat = \"1s\"\nrun = {{ window = \"a\", script = \"ready().then(async () => ['SyncManager', 'PeriodicSyncManager'].some(name => name in self) || ['sync', 'periodicSync'].some(name => name in ServiceWorkerRegistration.prototype) || 'periodicSync' in await registered)\", gives = \"false\" }}\n\
         [[step]]\nbackground_sync = \"present\"\nopen = {{ window = \"b\", url = \"https://a.example/\" }}\n\
         [[step]]\nrun = {{ window = \"b\", script = \"ready().then(() => 'SyncManager' in self && 'PeriodicSyncManager' in self)\", gives = \"true\" }}\n"
    ));
    folder.run().exits(0).prints("this browser has no background sync");
}

#[test]
fn too_many_calls_at_once() {
    let flood = "ready().then(() => Promise.all(Array.from({length: 5000}, (_, i) => asked('t' + i % 10)))).then(all => all.find(answer => answer !== 'ok'))";
    answer(
        "",
        &format!("{OPEN_A}[[step]]\nat = \"5s\"\nnetwork = \"offline\"\n"),
        flood,
        "UnknownError: Too many sync requests of this site, or of all, are waiting; register one tag for a whole queue of work.",
    );
}
