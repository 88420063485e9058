//! Messages between pages, their workers and service workers.

use super::support::{Folder, OPEN_A};

const SERVICE_WORKER: &str = "
addEventListener('message', event => {
  const {data, origin, source, ports} = event;
  console.log('heard', typeof data === 'object' ? Object.keys(data).join() : data, origin, source.type, ports.length);
  if (ports.length > 0) ports[0].postMessage({echo: data});
  else source.postMessage({echo: data});
});
";

const PAGE: &str = "<script>
navigator.serviceWorker.register('sw.js');
const active = async () => (await navigator.serviceWorker.ready).active;
const answer = new Promise(resolve => navigator.serviceWorker.addEventListener('message', resolve));
const viaPort = async (message, transfer = []) => {
  const {port1, port2} = new MessageChannel();
  const answered = new Promise(resolve => { port1.onmessage = event => resolve(event.data.echo); });
  (await active()).postMessage(message, [port2, ...transfer]);
  return answered;
};
const refused = async message => { try { (await active()).postMessage(message); return 'sent'; } catch (e) { return [e.name, e.code, e.message]; } };
</script>";

fn step(at: &str, window: &str, runs: &[(&str, &str)]) -> String {
    let step = |(script, gives): &(&str, &str)| {
        format!("[[step]]\nat = \"{at}\"\nrun = {{ window = \"{window}\", script = {script:?}, gives = '{gives}' }}\n")
    };
    runs.iter().map(step).collect()
}

fn site() -> Folder {
    Folder::new().file("a.example/index.html", PAGE).file("a.example/sw.js", SERVICE_WORKER)
}

#[test]
fn what_is_sent_arrives_as_a_copy() {
    let values = "{date: new Date(7), map: new Map([[1, new Set(['x'])]]), bytes: new Uint8Array([1, 2]), lone: '\\ud800', nan: NaN, big: 5n, error: new RangeError('r')}";
    let check = format!(
        "viaPort({values}).then(v => [v.date.getTime(), v.map.get(1).has('x'), v.bytes[1], v.lone === '\\ud800', v.nan !== v.nan, v.big === 5n, v.error instanceof RangeError])"
    );
    let cyclic = "viaPort((() => { const o = {}; o.self = o; return o; })()).then(o => o.self === o)";
    let moved = "(async () => { const b = new ArrayBuffer(3); const back = await viaPort({b}, [b]); return [b.byteLength, back.b.byteLength]; })()";
    let steps = step(
        "1s",
        "a",
        &[
            (&check, "[7, true, 2, true, true, true, true]"),
            (cyclic, "true"),
            (moved, "[0, 3]"),
            ("active().then(w => w.postMessage('plain'))", "null"),
            (
                "answer.then(e => [e.data.echo, e.origin, e.source === registered, e.isTrusted])",
                r#"["plain", "https://a.example", true, true]"#,
            ),
        ],
    );
    let steps = steps.replace("e.source === registered", "e.source instanceof ServiceWorker");
    site().timeline(&format!("{OPEN_A}{steps}")).run().exits(0).prints("heard plain https://a.example window 0");
}

#[test]
fn a_message_that_cannot_be_cloned_is_refused_and_nothing_is_sent() {
    let steps = step(
        "1s",
        "a",
        &[
            ("refused(() => {})", r#"["DataCloneError", 25, "The function  cannot be cloned."]"#),
            ("refused({deep: [Symbol()]})", r#"["DataCloneError", 25, "A symbol cannot be cloned."]"#),
            (
                "refused(navigator.serviceWorker)",
                r#"["DataCloneError", 25, "An object of the class ServiceWorkerContainer cannot be cloned."]"#,
            ),
            ("refused(new Response('x')).then(e => e[0])", "\"DataCloneError\""),
            ("refused(Promise.resolve()).then(e => e[0])", "\"DataCloneError\""),
            (
                "active().then(w => { try { w.postMessage(1, [{}]); } catch (e) { return e.name; } })",
                "\"DataCloneError\"",
            ),
            ("active().then(w => { try { w.postMessage(); } catch (e) { return e.name; } })", "\"TypeError\""),
            (
                "(() => { const {port1} = new MessageChannel(); try { port1.postMessage(1, [port1]); } catch (e) { return e.name; } })()",
                "\"DataCloneError\"",
            ),
        ],
    );
    site().timeline(&format!("{OPEN_A}{steps}")).run().exits(0).prints_no("heard");
}

#[test]
fn ports_travel_and_keep_what_they_are_sent_on_the_way() {
    let worker = "let kept; onmessage = ({data, ports}) => { if (ports.length) kept = ports[0]; else kept.onmessage = e => kept.postMessage(e.data + '!'); };";
    let page = "<script>
      navigator.serviceWorker.register('sw.js');
      const {port1, port2} = new MessageChannel();
      const heard = [];
      port1.onmessage = event => heard.push(event.data);
      const give = async () => { (await navigator.serviceWorker.ready).active.postMessage('take', [port2]); port1.postMessage('early'); };
      const listen = async () => (await navigator.serviceWorker.ready).active.postMessage('listen');
    </script>";
    let steps = [
        step("1s", "a", &[("give()", "null")]),
        step("2s", "a", &[("heard", "[]"), ("listen()", "null")]),
        step("3s", "a", &[("heard", r#"["early!"]"#), ("(port1.close(), port1.postMessage('late'))", "null")]),
        step("4s", "a", &[("heard", r#"["early!"]"#)]),
    ];
    let folder = Folder::new().file("a.example/index.html", page).file("a.example/sw.js", worker);
    folder.timeline(&format!("{OPEN_A}{}", steps.concat())).run().exits(0);
}

#[test]
fn pages_have_dedicated_and_shared_workers_that_are_clients_too() {
    let dedicated =
        "postMessage([self instanceof DedicatedWorkerGlobalScope, name, typeof SyncManager, typeof SyncEvent]);
      onmessage = async ({data}) => {
        const registration = await navigator.serviceWorker.ready;
        await registration.sync.register(data);
        postMessage(await registration.sync.getTags());
      };";
    let shared = "let connections = 0;
      onconnect = ({ports: [port]}) => { connections += 1; port.postMessage([self instanceof SharedWorkerGlobalScope, name, connections, typeof SyncManager]); };";
    let page = "<script>
      navigator.serviceWorker.register('sw.js');
      const heard = [];
      const worker = new Worker('dedicated.js', {name: 'digger'});
      worker.onmessage = event => heard.push(event.data);
      const shared = new SharedWorker('shared.js', 'library');
      shared.port.onmessage = event => heard.push(event.data);
      const again = new SharedWorker('shared.js', {name: 'library'});
      again.port.onmessage = event => heard.push(event.data);
      const take = () => heard.splice(0);
      const missing = new Worker('missing.js');
    </script>";
    let list = "onmessage = async ({source}) => { const all = await clients.matchAll({type: 'all', includeUncontrolled: true}); console.log(all.map(c => c.type).sort().join()); const [w] = await clients.matchAll({type: 'worker', includeUncontrolled: true}); console.log('by id', (await clients.get(w?.id))?.type, w instanceof WindowClient); };";
    let ask = ("navigator.serviceWorker.ready.then(r => r.active.postMessage('list'))", "null");
    let steps = [
        step("1s", "a", &[
            ("take()", r#"[[true, "digger", "function", "undefined"], [true, "library", 1, "function"], [true, "library", 2, "function"]]"#),
            ("worker.postMessage('from a worker')", "null"),
            ask,
        ]),
        step("2s", "a", &[("take()", r#"[["from a worker"]]"#), ("worker.terminate()", "null"), ask]),
        "[[step]]\nat = \"3s\"\nexpect_console = \"sharedworker,window,worker\"\nexpect_console = \"by id worker false\"\n".replace("expect_console = \"by", "[[step]]\nexpect_console = \"by"),
        "[[step]]\nat = \"4s\"\nexpect_console = \"sharedworker,window\"\nexpect.events = { count = 1 }\n".to_owned(),
    ];
    Folder::new()
        .file("a.example/index.html", page)
        .file("a.example/dedicated.js", dedicated)
        .file("a.example/shared.js", shared)
        .file("a.example/sw.js", list)
        .timeline(&format!("{OPEN_A}{}", steps.concat()))
        .run()
        .exits(0)
        .prints("the worker's script https://a.example/missing.js is not there");
}

#[test]
fn workers_open_and_focus_windows_when_the_user_clicks() {
    let worker = "
    const refused = error => console.log(error.name, error.message);
    onmessage = () => clients.openWindow('/other.html').catch(refused);
    onnotificationclose = () => clients.openWindow('/other.html').catch(refused);
    onnotificationclick = event => event.waitUntil(clicked(event.notification.title));
    const clicked = async title => {
      const before = await clients.matchAll({includeUncontrolled: true});
      console.log(before.map(c => `${c.visibilityState} ${c.focused}`).join());
      if (title === 'open') console.log('opened', (await clients.openWindow('/other.html')).url);
      if (title === 'focus') console.log('focused', (await before.find(c => c.url.endsWith('/')).focus()).focused);
      if (title === 'lost') console.log(await clients.openWindow('/nowhere.html').catch(e => e.name));
      if (title === 'focus') await before[0].focus().catch(refused);
    };";
    let page = "<script>navigator.serviceWorker.register('sw.js');
      const show = async what => (await navigator.serviceWorker.ready).showNotification(what);
      const ask = async () => (await navigator.serviceWorker.ready).active.postMessage('open');</script>";
    let click = |at: &str, what: &str| {
        let shown = step(at, "a", &[(&format!("show('{what}')"), "null")]);
        format!("{shown}[[step]]\nat = \"{at}\"\nclick_notification = {{ title = \"{what}\" }}\n")
    };
    let allowed = "[[step]]\nnotifications = { origin = \"https://a.example\", state = \"granted\" }\n";
    let put_away = "[[step]]\nat = \"6s\"\nclose_notification = { title = \"open\" }\n".to_owned();
    let asked = step("5s", "a", &[("ask()", "null")]);
    let steps = [click("1s", "open"), click("2s", "focus"), click("3s", "lost"), asked, put_away].concat();
    let refused = "InvalidAccessError A worker shows a window when the user has clicked";
    Folder::new()
        .file("a.example/index.html", page)
        .file("a.example/other.html", "<script>console.log('the other page')</script>")
        .file("a.example/sw.js", worker)
        .timeline(&format!("{allowed}{OPEN_A}{steps}"))
        .run()
        .exits(0)
        .prints_in_order(&["visible true", "the other page", "opened https://a.example/other.html"])
        .prints_in_order(&["visible true,hidden false", "brings a to the front", "focused true", refused, "TypeError"])
        .prints_in_order(&["0:00:05.000      worker  Inv", "puts \"open\" away", refused]);
}

#[test]
fn a_worker_that_writes_to_itself_gets_no_more_time_than_it_had() {
    let wait = "new Promise(done => setTimeout(done, 60000))";
    let awake =
        format!("onmessage = event => event.waitUntil({wait}.then(() => registration.active.postMessage('')));");
    let later = "onmessage = () => setTimeout(() => registration.active.postMessage(''), 20000);";
    let page = "<script>navigator.serviceWorker.register('sw.js');
      const ask = async () => (await navigator.serviceWorker.ready).active.postMessage('');</script>";
    for worker in [&awake, later] {
        let asked = step("1min", "a", &[("ask()", "null")]);
        let closed = "[[step]]\nat = \"61s\"\nclose = \"a\"\n[[step]]\nat = \"2h\"\n";
        Folder::new()
            .file("a.example/index.html", page)
            .file("a.example/sw.js", worker)
            .timeline(&format!("{OPEN_A}{asked}{closed}"))
            .run()
            .exits(0)
            .prints("0:06:00.000      worker  https://a.example/ is terminated  (its event did not end in time)")
            .prints_no("0:07:");
    }
}

#[test]
fn a_port_inside_the_data_arrives_there_and_takes_along_what_it_has_not_delivered() {
    // The worker never reads the port: it sends it back, with the message that has come in the meantime.
    let worker = "let kept; onmessage = ({data, source}) => { if (data.port) kept = data.port; else source.postMessage({back: kept}, [kept]); };";
    let page = "<script>
      navigator.serviceWorker.register('sw.js');
      const {port1, port2} = new MessageChannel();
      const heard = [];
      navigator.serviceWorker.onmessage = ({data, ports}) => {
        heard.push(data.back === ports[0]);
        data.back.onmessage = event => heard.push(event.data);
      };
      const give = async () => { (await navigator.serviceWorker.ready).active.postMessage({port: port2}, {transfer: [port2]}); };
      const again = async () => { try { (await navigator.serviceWorker.ready).active.postMessage({port: port2}, [port2]); } catch (e) { return e.name; } };
      const back = async () => (await navigator.serviceWorker.ready).active.postMessage({});
    </script>";
    let steps = [
        step(
            "1s",
            "a",
            &[("give()", "null"), ("again()", "\"DataCloneError\""), ("port1.postMessage('early')", "null")],
        ),
        step("2s", "a", &[("back()", "null")]),
        step("3s", "a", &[("heard", r#"[true, "early"]"#), ("port1.postMessage('late')", "null")]),
        step("4s", "a", &[("heard", r#"[true, "early", "late"]"#)]),
    ];
    let folder = Folder::new().file("a.example/index.html", page).file("a.example/sw.js", worker);
    folder.timeline(&format!("{OPEN_A}{}", steps.concat())).run().exits(0);
}

#[test]
fn a_pages_workers_end_with_it_and_shared_ones_with_the_last() {
    let page = "<script>
      navigator.serviceWorker.register('sw.js');
      const worker = new Worker('dedicated.js'), shared = new SharedWorker('shared.js');
      const kinds = new Promise(resolve => { navigator.serviceWorker.onmessage = event => resolve(event.data); });
      const list = async () => { (await navigator.serviceWorker.ready).active.postMessage('list'); return kinds; };
    </script>";
    let list = "onmessage = async ({source}) => source.postMessage((await clients.matchAll({type: 'all', includeUncontrolled: true})).map(c => c.type).sort());";
    let open = |window: &str| format!("[[step]]\nopen = {{ window = \"{window}\", url = \"https://a.example/\" }}\n");
    let steps = [
        open("a"),
        open("b"),
        step("1s", "a", &[("list()", r#"["sharedworker", "window", "window", "worker", "worker"]"#)]),
        "[[step]]\nat = \"2s\"\nclose = \"a\"\n".to_owned(),
        step("3s", "b", &[("list()", r#"["sharedworker", "window", "worker"]"#)]),
        "[[step]]\nat = \"4s\"\nclose = \"b\"\nopen = { window = \"c\", url = \"https://a.example/other.html\" }\n"
            .to_owned(),
        step("5s", "c", &[("list()", r#"["window"]"#)]),
    ];
    let other = page.lines().filter(|line| !line.contains("new Worker")).collect::<Vec<_>>().join("\n");
    Folder::new()
        .file("a.example/index.html", page)
        .file("a.example/other.html", &other)
        .file("a.example/dedicated.js", "setInterval(() => {}, 1000);")
        .file("a.example/shared.js", "")
        .file("a.example/sw.js", list)
        .timeline(&steps.concat())
        .run()
        .exits(0);
}
