//! Installing, waiting, activating, claiming, updating, unregistering: as pages and workers see it.

use super::support::{Folder, OPEN_A};

/// What both versions of a worker do; `VERSION` differs.
const WORKER: &str = "
for (const type of ['install', 'activate']) {
  addEventListener(type, () => console.log(`${VERSION} ${type} as ${serviceWorker.state}`));
}
addEventListener('sync', event => console.log(`${VERSION} got ${event.tag}`));
addEventListener('message', event => event.waitUntil((async () => {
  if (event.data === 'skip') await skipWaiting();
  if (event.data === 'claim') await clients.claim();
  event.source.postMessage(`${VERSION} did ${event.data}`);
})()));
";

const PAGE: &str = "<script>
const {serviceWorker} = navigator;
const seen = [];
serviceWorker.oncontrollerchange = () => seen.push(`controller ${serviceWorker.controller?.scriptURL.slice(-5) ?? 'none'}`);
serviceWorker.onmessage = event => seen.push(event.data);
const take = () => seen.splice(0);
const register = async script => {
  const registration = await serviceWorker.register(script);
  registration.onupdatefound = () => {
    const worker = registration.installing;
    seen.push(`found ${worker.scriptURL.slice(-5)}`);
    worker.onstatechange = () => seen.push(`${worker.scriptURL.slice(-5)} ${worker.state}`);
  };
  return registration;
};
const slots = async () => {
  const registration = await serviceWorker.getRegistration();
  return ['installing', 'waiting', 'active'].map(slot => registration[slot]?.scriptURL.slice(-5) ?? '-').join(' ');
};
const tell = async (slot, what) => (await serviceWorker.getRegistration())[slot].postMessage(what);
</script>";

fn site() -> Folder {
    let version = |name: &str| format!("const VERSION = '{name}';{WORKER}");
    Folder::new()
        .file("a.example/index.html", PAGE)
        .file("a.example/1.js", &version("one"))
        .file("a.example/2.js", &version("two"))
}

/// A step in which the page of window `a` runs scripts, each with what it gives.
fn step(at: &str, runs: &[(&str, &str)]) -> String {
    let step = |(script, gives): &(&str, &str)| {
        format!("[[step]]\nat = \"{at}\"\nrun = {{ window = \"a\", script = {script:?}, gives = '{gives}' }}\n")
    };
    runs.iter().map(step).collect()
}

#[test]
fn a_first_worker_controls_nobody_until_it_claims() {
    let steps = [
        step("1s", &[("register('1.js').then(r => [r.installing.state, r.active])", r#"["installing", null]"#)]),
        step(
            "2s",
            &[
                ("take()", r#"["found /1.js", "/1.js installed", "/1.js activating", "/1.js activated"]"#),
                ("serviceWorker.ready.then(r => [r.active.state, serviceWorker.controller])", r#"["activated", null]"#),
                ("tell('active', 'claim')", "null"),
            ],
        ),
        step("3s", &[("take()", r#"["controller /1.js", "one did claim"]"#)]),
    ];
    site()
        .timeline(&format!("{OPEN_A}{}", steps.concat()))
        .run()
        .exits(0)
        .prints_in_order(&["one install as installing", "one activate as activating"]);
}

#[test]
fn a_second_worker_waits_for_the_pages_of_the_first_or_skips_that() {
    let steps = [
        step("1s", &[("register('1.js').then(() => serviceWorker.ready).then(() => tell('active', 'claim'))", "null")]),
        step("2s", &[("take().length", "6"), ("register('2.js').then(slots)", "\"/2.js - /1.js\"")]),
        step(
            "3s",
            &[
                ("slots()", "\"- /2.js /1.js\""),
                ("take()", r#"["found /2.js", "/2.js installed"]"#),
                ("serviceWorker.ready.then(r => r.sync.register('for one'))", "null"),
            ],
        ),
        step("4s", &[("tell('waiting', 'skip')", "null")]),
        step(
            "5s",
            &[
                ("slots()", "\"- - /2.js\""),
                (
                    "take()",
                    r#"["/2.js activating", "/1.js redundant", "controller /2.js", "two did skip", "/2.js activated"]"#,
                ),
                ("serviceWorker.ready.then(r => r.sync.register('for two'))", "null"),
            ],
        ),
    ];
    site().timeline(&format!("{OPEN_A}{}", steps.concat())).run().exits(0).prints_in_order(&[
        "one got for one",
        "two activate as activating",
        "two got for two",
    ]);
}

#[test]
fn the_last_page_of_the_first_worker_lets_the_second_in() {
    let steps = format!(
        "{OPEN_A}{}{}[[step]]\nat = \"4s\"\nclose = \"a\"\n[[step]]\nat = \"5s\"\nopen = {{ window = \"a\", url = \"https://a.example/\" }}\n{}",
        step("1s", &[("register('1.js').then(() => serviceWorker.ready).then(() => tell('active', 'claim'))", "null")]),
        step("2s", &[("register('2.js').then(r => r.scope)", "\"https://a.example/\"")]),
        step("5s", &[("slots()", "\"- - /2.js\""), ("serviceWorker.controller.state", "\"activated\"")]),
    );
    site().timeline(&steps).run().exits(0).prints_in_order(&["two install", "closes a", "two activate", "opens"]);
}

#[test]
fn a_navigation_an_update_and_a_day_look_for_changes() {
    let folder = site();
    let store = folder.store();
    folder.write_timeline(&format!("{OPEN_A}{}", step("1s", &[("register('1.js').then(slots)", "\"/1.js - -\"")])));
    folder.run_with_store(&store).exits(0);
    // Nobody looks while there is no network; an update says so.
    folder.write("a.example/1.js", &format!("const VERSION = 'one, changed';{WORKER}"));
    folder.write_timeline(&format!(
        "[[step]]\nnetwork = \"offline\"\n{OPEN_A}[[step]]\nrun = {{ window = \"a\", script = \"serviceWorker.ready.then(r => r.update())\", fails = \"TypeError\" }}\n"
    ));
    folder.run_with_store(&store).exits(0).prints_no("has a new worker");
    folder.write_timeline(&format!("{OPEN_A}{}", step("1s", &[("slots()", "\"- /1.js /1.js\"")])));
    folder.run_with_store(&store).exits(0).prints("one, changed install");
    // After the restart nobody uses the old one; an unchanged script is no update.
    let unchanged = ("serviceWorker.ready.then(r => r.update()).then(slots)", "\"- - /1.js\"");
    folder.write_timeline(&format!("{OPEN_A}{}", step("1s", &[unchanged])));
    folder.run_with_store(&store).exits(0).prints_no("has a new worker");
}

#[test]
fn an_event_after_a_day_looks_for_changes() {
    let folder = site();
    let store = folder.store();
    folder.write_timeline(&format!("{OPEN_A}{}", step("1s", &[("register('1.js').then(slots)", "\"/1.js - -\"")])));
    folder.run_with_store(&store).exits(0);
    let ask = "serviceWorker.ready.then(r => r.sync.register('t'))";
    folder.write("a.example/1.js", &format!("const VERSION = 'one, changed';{WORKER}"));
    folder.write_timeline(&format!(
        "[[step]]\nnetwork = \"offline\"\n{OPEN_A}[[step]]\nrun = {{ window = \"a\", script = \"{ask}\" }}\n[[step]]\nat = \"5min\"\nclose = \"a\"\n[[step]]\nat = \"25h\"\nnetwork = \"online\"\n[[step]]\nat = \"27h\"\n"
    ));
    folder.run_with_store(&store).exits(0).prints_in_order(&["one got t", "has a new worker", "one, changed activate"]);
}

#[test]
fn unregistering_ends_the_syncs_and_spares_the_pages() {
    let gone = r#"["InvalidStateError", "This service worker registration no longer exists; register the service worker again."]"#;
    let claim = "register('1.js').then(() => serviceWorker.ready).then(() => tell('active', 'claim'))";
    let network = |at: &str, state: &str| format!("[[step]]\nat = \"{at}\"\nnetwork = \"{state}\"\n");
    let steps = [
        OPEN_A.to_owned(),
        step("1s", &[(claim, "null")]),
        network("2s", "offline"),
        step(
            "2s",
            &[
                ("serviceWorker.ready.then(r => (globalThis.old = r).sync.register('never'))", "null"),
                ("old.sync.getTags()", r#"["never"]"#),
                ("old.unregister()", "true"),
                ("old.unregister()", "false"),
                ("serviceWorker.getRegistration().then(r => r ?? 'none')", "\"none\""),
                ("serviceWorker.getRegistrations()", "[]"),
                ("old.sync.register('x').catch(e => [e.name, e.message])", gone),
                ("old.sync.getTags()", "[]"),
                ("serviceWorker.controller.state", "\"activated\""),
            ],
        ),
        network("3s", "online"),
        step(
            "4s",
            &[("register('2.js').then(r => [r === old, r.installing.scriptURL.slice(-5)])", r#"[false, "/2.js"]"#)],
        ),
        step(
            "5s",
            &[
                ("old.sync.register('x').catch(e => [e.name, e.message])", gone),
                ("serviceWorker.getRegistration().then(r => r.sync.register('of the new one'))", "null"),
            ],
        ),
        "[[step]]\nat = \"1h\"\nexpect_console = \"two got of the new one\"\nexpect.events = { count = 1 }\n"
            .to_owned(),
    ];
    site().timeline(&steps.concat()).run().exits(0).prints_no("got never");
}

#[test]
fn a_worker_keeps_what_it_imported_until_it_was_installed_and_gets_nothing_new() {
    let worker = "
      importScripts('first.js');
      addEventListener('install', () => importScripts('second.js'));
      addEventListener('sync', () => {
        importScripts('first.js', 'second.js');
        try { importScripts('third.js'); } catch (error) { console.log(error.name, error.message); }
      });";
    let log = |name: &str| format!("console.log('{name} runs');");
    let folder = Folder::with_site("a.example", worker)
        .file("a.example/first.js", &log("first"))
        .file("a.example/second.js", &log("second"))
        .file("a.example/third.js", &log("third"));
    // At 2 min the worker has been stopped, and starts from what was kept.
    folder.write_timeline(&format!(
        "{OPEN_A}[[step]]\nat = \"1s\"\nrun = {{ window = \"a\", script = \"ask('t')\" }}\n[[step]]\nat = \"2min\"\nrun = {{ window = \"a\", script = \"ask('u')\" }}\n"
    ));
    let refused = "NetworkError the script https://a.example/third.js cannot be loaded: it was not imported before";
    folder.run().exits(0).prints_no("third runs").prints_in_order(&[
        "first runs",
        "second runs",
        "first runs",
        "second runs",
        refused,
        "is stopped",
        "first runs",
        "second runs",
        refused,
    ]);
}

#[test]
fn a_lone_surrogate_survives_from_a_script_to_the_store_and_back() {
    let worker = "addEventListener('sync', ({tag}) => console.log([...Array(tag.length).keys()].map(i => tag.charCodeAt(i).toString(16)).join() || 'empty'));";
    let folder = Folder::with_site("a.example", worker).timeline(&format!(
        r#"{OPEN_A}
[[step]]
at = "1s"
network = "offline"
run = {{ window = "a", script = "ask('a\\ud800').then(() => ask('\\udc00\\ud800')).then(() => ask('')).then(tags).then(all => all.map(t => t.isWellFormed()))", gives = "[false, false, true]" }}
[[step]]
at = "2s"
process = "close"
[[step]]
at = "3s"
expect.registration = {{ worker = "a", tag = {{ utf16 = [0x61, 0xD800] }}, state = "pending" }}
process = "kill"
[[step]]
at = "4s"
network = "online"
[[step]]
at = "10min"
expect_console = "61,d800"
[[step]]
expect.event = {{ worker = "a", tag = {{ utf16 = [0xDC00, 0xD800] }} }}
expect.events = {{ count = 3 }}
"#
    ));
    folder.run().exits(0).prints_in_order(&["61,d800", "dc00,d800", "empty"]);
}

#[test]
fn a_worker_claims_the_pages_of_its_own_scope_only() {
    let worker = "onactivate = event => event.waitUntil(clients.claim());";
    let page = "<script>
      const register = script => navigator.serviceWorker.register(script).then(r => r.scope.slice(17));
      const controller = () => navigator.serviceWorker.controller?.scriptURL.slice(17) ?? 'none';
    </script>";
    let open = "[[step]]\nopen = { window = \"a\", url = \"https://a.example/\" }\n[[step]]\nopen = { window = \"b\", url = \"https://a.example/inner/\" }\n";
    let of = |window: &str, expected: &str| {
        format!(
            "[[step]]\nat = \"3s\"\nrun = {{ window = \"{window}\", script = \"controller()\", gives = '\"{expected}\"' }}\n"
        )
    };
    Folder::new()
        .file("a.example/index.html", page)
        .file("a.example/inner/index.html", page)
        .file("a.example/sw.js", worker)
        .file("a.example/inner/sw.js", worker)
        .timeline(&format!(
            "{open}{}{}{}{}",
            step("1s", &[("register('/inner/sw.js')", "\"/inner/\"")]),
            step("2s", &[("register('/sw.js')", "\"/\"")]),
            of("a", "/sw.js"),
            of("b", "/inner/sw.js")
        ))
        .run()
        .exits(0);
}

#[test]
fn a_script_serves_its_own_folder_and_is_the_same_with_any_fragment() {
    let refused = |script: &str| format!("({script}).catch(error => error.name)");
    let security = "\"SecurityError\"";
    let type_error = "\"TypeError\"";
    let steps = step(
        "1s",
        &[
            (&refused("serviceWorker.register('/deep/1.js', {scope: '/'})"), security),
            (&refused("serviceWorker.register('/deep/1.js', {scope: '/dee'})"), security),
            (&refused("serviceWorker.register('/de%2fep/1.js')"), type_error),
            (&refused("serviceWorker.register('/1.js', {scope: '/a%5Cb/'})"), type_error),
            (&refused("serviceWorker.register('data:text/javascript,1')"), type_error),
            (
                "serviceWorker.register('/deep/1.js#x').then(r => [r.scope, r.installing.scriptURL])",
                r#"["https://a.example/deep/", "https://a.example/deep/1.js"]"#,
            ),
            ("serviceWorker.register('/1.js', {scope: '/#part'}).then(r => r.scope)", "\"https://a.example/\""),
        ],
    );
    site().file("a.example/deep/1.js", "").timeline(&format!("{OPEN_A}{steps}")).run().exits(0);
}

#[test]
fn an_active_worker_may_look_for_an_update_while_another_one_is_installed() {
    let steps = [
        step("1s", &[("register('1.js').then(() => 1)", "1")]),
        step(
            "2s",
            &[(
                "serviceWorker.register('slow.js').then(r => [r.active.state, r.installing.state])",
                r#"["activated", "installing"]"#,
            )],
        ),
        step("3s", &[("serviceWorker.getRegistration().then(r => r.active.postMessage('update'))", "null")]),
        "[[step]]\nat = \"20s\"\nexpect_console = \"update true\"\n".to_owned(),
    ];
    let worker = "onmessage = () => registration.update().then(r => console.log('update', r === registration), e => console.log(e.name));";
    let slow = "oninstall = event => event.waitUntil(new Promise((done, fail) => setTimeout(fail, 10000)));";
    site()
        .file("a.example/1.js", worker)
        .file("a.example/slow.js", slow)
        .timeline(&format!("{OPEN_A}{}", steps.concat()))
        .run()
        .exits(0);
}

#[test]
fn a_private_partition_that_is_closed_gets_no_worker_that_was_under_way() {
    let open = "open = { window = \"a\", url = \"https://a.example/\", partition = \"private\" }\n";
    let slow = "[[step]]\nserver = { origin = \"https://a.example\", path = \"/1.js\", takes = \"5s\" }\n";
    let steps = [
        slow.to_owned(),
        format!("[[step]]\n{open}"),
        step("1s", &[("(register('1.js'), 1)", "1")]),
        "[[step]]\nat = \"2s\"\nclose = \"a\"\n".to_owned(),
        format!("[[step]]\nat = \"10s\"\n{open}"),
        step("11s", &[("serviceWorker.getRegistrations().then(all => all.length)", "0")]),
    ];
    site().timeline(&steps.concat()).run().exits(0).prints_no("one install");
}

#[test]
fn a_removed_frame_is_not_claimed_and_gets_no_messages() {
    let steps = [
        step("1s", &[("register('1.js').then(() => 1)", "1")]),
        step("2s", &[("tell('active', 'x')", "null")]),
        "[[step]]\nat = \"3s\"\nopen = { window = \"b\", url = \"https://a.example/\" }\n[[step]]\ndetach = \"b\"\n".to_owned(),
        step("4s", &[("tell('active', 'claim')", "null")]),
        "[[step]]\nat = \"5s\"\nrun = { window = \"b\", script = \"[seen.length, serviceWorker.controller === null]\", gives = \"[0, false]\" }\n".to_owned(),
        step("6s", &[("register('2.js').then(() => 1)", "1")]),
        "[[step]]\nat = \"7s\"\nclose = \"a\"\n[[step]]\nat = \"8s\"\nexpect_console = \"two activate as activating\"\n".to_owned(),
    ];
    site().timeline(&format!("{OPEN_A}{}", steps.concat())).run().exits(0);
}

#[test]
fn a_sync_that_was_called_off_while_its_worker_was_activated_does_not_keep_the_worker() {
    let worker = "onactivate = event => event.waitUntil(new Promise(done => setTimeout(done, 60000)));
      onsync = ({tag}) => console.log('got', tag);";
    let steps = [
        step("1s", &[("register('slow.js').then(() => 1)", "1")]),
        step("2s", &[("serviceWorker.ready.then(r => r.sync.register('t'))", "null")]),
        "[[step]]\nat = \"10s\"\nswitch = { to = \"off\" }\n[[step]]\nat = \"5min\"\n".to_owned(),
    ];
    site()
        .file("a.example/slow.js", worker)
        .timeline(&format!("{OPEN_A}{}", steps.concat()))
        .run()
        .exits(0)
        .prints("0:01:31.000      worker  https://a.example/ is stopped  (nothing to do)");
}
