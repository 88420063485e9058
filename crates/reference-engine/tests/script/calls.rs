//! What scripts ask of the engine, and what its answers do.

use std::rc::Rc;

use background_sync::registration::{MinInterval, Tag};
use background_sync_reference_engine::script::{
    Answer, Call, CallId, ClientInfo, ContainerMessage, DomError, FetchRequest, FetchResponse, LogLevel, ManualClock,
    Message, RealmOptions, RegistrationInfo, ServiceWorkerState, UpdateViaCache, WorkerInfo, WorkerMessage,
};

use super::support::{START, World, page, registration, texts, with, worker, worker_info, worker_options};

impl World {
    /// The one call that waits.
    #[track_caller]
    fn call(&mut self) -> (CallId, Call) {
        let calls = self.realm.take_calls();
        assert_eq!(calls.len(), 1, "{calls:?}");
        calls.into_iter().next().unwrap()
    }

    /// Runs a script that makes one call, answers it, and gives what was printed.
    fn answered(&mut self, source: &str, answer: Result<Answer, DomError>) -> (Call, Vec<String>) {
        self.realm
            .evaluate(
                &format!("({source}).then((v) => console.log(v), (e) => console.log(e instanceof DOMException, e))"),
                "call.js",
            )
            .unwrap();
        let (id, call) = self.call();
        self.realm.settle(id, answer);
        (call, self.printed())
    }
}

fn scope() -> String {
    "https://shop.test/".to_owned()
}

fn dom_error(name: &str) -> DomError {
    DomError { name: name.to_owned(), message: "why".to_owned() }
}

#[test]
fn register_carries_any_tag() {
    let mut world = worker("");
    for (tag, units) in [
        ("'a'", vec![0x61]),
        ("''", vec![]),
        (r"'\ud800x\udc00\ud83d\ude00\0'", vec![0xD800, 0x78, 0xDC00, 0xD83D, 0xDE00, 0]),
        ("null", "null".encode_utf16().collect()),
    ] {
        let (call, printed) = world.answered(&format!("registration.sync.register({tag})"), Ok(Answer::Nothing));
        assert_eq!(call, Call::SyncRegister { registration: 1, tag: Tag::from_utf16(&units) });
        assert_eq!(printed, ["undefined"]);
    }
}

#[test]
fn tags_come_back_as_they_went() {
    let mut world = worker("");
    let tags = Answer::Tags([&[0xD800, 0x61][..], &[], &[0x61; 20_000]].map(Tag::from_utf16).to_vec());
    let source = "registration.sync.getTags().then((tags) => [Array.isArray(tags), tags.length, tags[0] === '\\ud800a', tags[1] === '', tags[2].length])";
    let (call, printed) = world.answered(source, Ok(tags));
    assert_eq!(call, Call::SyncGetTags { registration: 1 });
    assert_eq!(printed, ["[true, 3, true, true, 20000]"]);
}

#[test]
fn a_periodic_registration_carries_its_interval_in_whole_milliseconds() {
    let mut world = worker("");
    for (options, ms) in [
        ("", 0),
        (", {}", 0),
        (", null", 0),
        (", {minInterval: undefined}", 0),
        (", {minInterval: null}", 0),
        (", {minInterval: -0.999}", 0),
        (", {minInterval: 1.9}", 1),
        (", {minInterval: '7'}", 7),
        (", {minInterval: true}", 1),
        (", {minInterval: {valueOf: () => 9}}", 9),
        (", {minInterval: 24 * 60 * 60 * 1000}", 86_400_000),
        (", {minInterval: 4294967296}", 1 << 32),
        (", {minInterval: 2 ** 53 - 1}", (1 << 53) - 1),
    ] {
        let source = format!("registration.periodicSync.register('\\ud800'{options})");
        let (call, printed) = world.answered(&source, Ok(Answer::Nothing));
        let (tag, min_interval) = (Tag::from_utf16(&[0xD800]), MinInterval::from_ms(ms));
        assert_eq!(call, Call::PeriodicSyncRegister { registration: 1, tag, min_interval }, "{options}");
        assert_eq!(printed, ["undefined"]);
    }
}

#[test]
fn a_periodic_registration_whose_arguments_cannot_be_converted_asks_nobody() {
    let mut world = worker("");
    for arguments in [
        "",
        "Symbol('tag')",
        "'t', 5",
        "'t', 'options'",
        "'t', true",
        "'t', {minInterval: -1}",
        "'t', {minInterval: NaN}",
        "'t', {minInterval: Infinity}",
        "'t', {minInterval: -Infinity}",
        "'t', {minInterval: 2 ** 53}",
        "'t', {minInterval: 1n}",
        "'t', {minInterval: Symbol('1')}",
        "'t', {minInterval: 'soon'}",
        "'t', {get minInterval() { throw new TypeError('own') }}",
    ] {
        let source = format!("registration.periodicSync.register({arguments}).catch((e) => console.log(e.name))");
        world.realm.evaluate(&source, "call.js").unwrap();
        assert_eq!(world.realm.take_calls(), [], "{arguments}");
        assert_eq!(world.printed(), ["TypeError"], "{arguments}");
    }
}

#[test]
fn periodic_tags_are_asked_for_and_unregistered() {
    let mut world = worker("");
    let tags = Answer::Tags(vec![Tag::from_utf16(&[0xD800])]);
    let source = "registration.periodicSync.getTags().then(([tag]) => tag === '\\ud800')";
    let (call, printed) = world.answered(source, Ok(tags));
    assert_eq!(call, Call::PeriodicSyncGetTags { registration: 1 });
    assert_eq!(printed, ["true"]);
    let (call, printed) = world.answered("registration.periodicSync.unregister('')", Ok(Answer::Nothing));
    assert_eq!(call, Call::PeriodicSyncUnregister { registration: 1, tag: Tag::from_utf16(&[]) });
    assert_eq!(printed, ["undefined"]);
}

#[test]
fn an_error_rejects_as_the_exception_it_names() {
    let mut world = worker("");
    let (_, printed) = world.answered("registration.sync.register('a')", Err(dom_error("InvalidStateError")));
    assert_eq!(printed, ["true InvalidStateError: why"]);
    let (_, printed) = world.answered("fetch('/x')", Err(DomError::type_error("no network")));
    assert_eq!(printed, ["false TypeError: no network"]);
}

#[test]
fn answers_that_nobody_waits_for_are_harmless() {
    let mut world = worker("registration.sync.register('a').then(() => console.log('once'))");
    let (id, _) = world.call();
    world.realm.settle(id, Ok(Answer::Nothing));
    world.realm.settle(id, Err(dom_error("AbortError")));
    assert_eq!(world.printed(), ["once"]);
    let mut other = worker("");
    other.realm.settle(id, Ok(Answer::Nothing));
    assert_eq!(other.realm.take_log(), []);
    let (_, printed) = world.answered("registration.sync.register('b')", Ok(Answer::Flag(true)));
    assert_eq!(printed, ["true UnknownError: the engine answered Flag where Nothing was due"]);
}

#[test]
fn fetch_carries_the_request_and_the_response() {
    let mut world = page("");
    let response = FetchResponse {
        url: "https://shop.test/api/".to_owned(),
        status: 201,
        status_text: "Created".to_owned(),
        headers: vec![("X-Id".to_owned(), "7".to_owned())],
        body: vec![0xC3, 0xA4, 0],
    };
    let source = "fetch('api?q=ä', { method: 'post', headers: { 'X-B': '2', 'x-a': '1' }, body: new Uint8Array([0, 255]) }).then(async (r) => [r.ok, r.status, r.statusText, r.url, r.headers.get('x-id'), await r.text()])";
    let (call, printed) = world.answered(source, Ok(Answer::Response(response)));
    let headers = [("x-a", "1"), ("x-b", "2")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let url = "https://shop.test/api?q=%C3%A4".to_owned();
    let plain = FetchRequest::get(&url);
    let request = FetchRequest { method: "POST".to_owned(), headers: headers.to_vec(), body: vec![0, 255], ..plain };
    assert_eq!(call, Call::Fetch(request));
    assert_eq!(printed, ["[true, 201, \"Created\", \"https://shop.test/api/\", \"7\", \"ä\\u0000\"]"]);
}

#[test]
fn a_string_body_brings_its_type_and_a_fetch_can_be_aborted() {
    let mut world = page("");
    let source = "const c = new AbortController(); fetch('/x', { method: 'PUT', body: 'hä', signal: c.signal }).catch((e) => console.log(e.name)); setTimeout(() => c.abort(), 5); fetch('/y', { signal: AbortSignal.abort() }).catch((e) => console.log('at once', e.name))";
    world.realm.evaluate(source, "abort.js").unwrap();
    let (_, call) = world.call();
    let Call::Fetch(FetchRequest { headers, body, .. }) = call else { panic!("{call:?}") };
    assert_eq!(headers, [("content-type".to_owned(), "text/plain;charset=UTF-8".to_owned())]);
    assert_eq!(body, "hä".as_bytes());
    world.pass(10);
    assert_eq!(world.printed(), ["at once AbortError", "AbortError"]);
}

#[test]
fn a_page_registers_a_worker_and_awaits_it() {
    let mut world = page(
        "navigator.serviceWorker.ready.then((r) => { globalThis.ready = r; console.log('ready', r.active.state); })",
    );
    let (ready, call) = world.call();
    assert_eq!(call, Call::ServiceWorkerReady);
    let script_url = "https://shop.test/js/sw.js".to_owned();
    let worker = |state| Some(WorkerInfo { id: 4, script_url: script_url.clone(), state });
    let installing = RegistrationInfo {
        id: 7,
        scope: "https://shop.test/shop/".to_owned(),
        update_via_cache: UpdateViaCache::None,
        installing: worker(ServiceWorkerState::Installing),
        waiting: None,
        active: None,
    };
    world.realm.evaluate("navigator.serviceWorker.register('js/sw.js', { scope: 'shop/', updateViaCache: 'none' }).then((r) => { globalThis.registered = r; console.log(r.scope, r.active, r.installing.scriptURL); r.installing.onstatechange = (e) => console.log(e.target.state); })", "page.js").unwrap();
    let (id, call) = world.call();
    assert_eq!(
        call,
        Call::RegisterServiceWorker {
            script_url: script_url.clone(),
            scope: Some(installing.scope.clone()),
            update_via_cache: UpdateViaCache::None
        }
    );
    world.realm.settle(id, Ok(Answer::Registration(Box::new(installing.clone()))));
    assert_eq!(world.printed(), ["https://shop.test/shop/ null https://shop.test/js/sw.js"]);
    let active = RegistrationInfo { installing: None, active: worker(ServiceWorkerState::Activated), ..installing };
    world.realm.registration_changed(&active, false);
    world.realm.settle(ready, Ok(Answer::Registration(Box::new(active))));
    assert_eq!(world.printed(), ["activated", "ready activated"]);
    assert_eq!(world.json("ready === registered && ready.sync === registered.sync"), "true");
}

#[test]
fn a_worker_claims_and_lists_clients_and_skips_waiting() {
    let mut world = worker("");
    assert_eq!(world.answered("skipWaiting()", Ok(Answer::Nothing)).0, Call::SkipWaiting);
    assert_eq!(
        world.answered("clients.claim()", Ok(Answer::Nothing)),
        (Call::ClientsClaim, vec!["undefined".to_owned()])
    );
    let client = ClientInfo {
        id: "c1".to_owned(),
        url: scope(),
        kind: "window",
        frame_type: "top-level",
        visible: true,
        focused: true,
    };
    let source =
        "clients.matchAll({ type: 'all' }).then(([c]) => [c instanceof Client, c.id, c.url, c.type, c.frameType])";
    let (call, printed) = world.answered(source, Ok(Answer::Clients(vec![client])));
    assert_eq!(call, Call::ClientsMatchAll { include_uncontrolled: false, kind: "all".to_owned() });
    assert_eq!(printed, ["[true, \"c1\", \"https://shop.test/\", \"window\", \"top-level\"]"]);
    let (call, printed) = world.answered("registration.unregister()", Ok(Answer::Flag(true)));
    assert_eq!((call, printed), (Call::Unregister { registration: 1 }, vec!["true".to_owned()]));
}

#[test]
fn import_scripts_runs_what_the_loader_gives() {
    let clock = ManualClock::new(START);
    let loader = |url: &url::Url| match url.path() {
        "/lib/a.js" => Ok("var loaded = location.pathname; let shared = 1;".to_owned()),
        "/bad.js" => Ok("\n)".to_owned()),
        path => Err(format!("no such file: {path}")),
    };
    let options = RealmOptions { loader: Rc::new(loader), ..worker_options(&clock) };
    let mut world = with(&options, clock, "importScripts('lib/a.js'); console.log(loaded, shared)");
    assert_eq!(world.printed(), ["/sw.js 1"]);
    let error = world.realm.evaluate("importScripts('/none.js')", "sw.js").unwrap_err();
    assert_eq!(error.name, "NetworkError");
    assert!(error.message.contains("https://shop.test/none.js") && error.message.contains("no such file"), "{error}");
    let error = world.realm.evaluate("importScripts('/bad.js')", "sw.js").unwrap_err();
    assert_eq!((error.name.as_str(), error.file.as_str(), error.line), ("SyntaxError", "https://shop.test/bad.js", 2));
}

#[test]
fn the_engine_runs_expressions() {
    let mut world = page("async function send(text) { await null; return { sent: text }; }");
    assert_eq!(world.json("send('hello')"), r#"{"sent":"hello"}"#);
    assert_eq!(world.json("undefined"), "null");
    assert_eq!(world.run_for("Promise.reject(new TypeError('no'))", 0), Err("TypeError: no".to_owned()));
    assert_eq!(world.run_for("missing", 0), Err("ReferenceError: missing is not defined".to_owned()));
    assert_eq!(world.run_for("1n", 0), Err("TypeError: BigInt are forbidden in JSON.stringify".to_owned()));
}

#[test]
fn going_offline_is_seen() {
    let mut world = page("ononline = onoffline = (e) => console.log(e.type, navigator.onLine, e.isTrusted)");
    world.realm.set_online(false);
    world.realm.set_online(false);
    world.realm.set_online(true);
    assert_eq!(world.printed(), ["offline false true", "online true true"]);
}

#[test]
fn console_lines_have_levels_and_show_values() {
    let mut world = page(
        "console.log('a', 1, -0, 2n, [1, 'x', { k: null }], new Map([[1, 2]]), undefined, new Error('e'), '\\ud800', Symbol('s')); console.warn('w'); console.error('e'); console.info('i'); console.debug('d'); console.assert(1 > 2, 'never')",
    );
    let log = world.realm.take_log();
    assert_eq!(
        texts(log.clone(), LogLevel::Log),
        ["a 1 0 2n [1, \"x\", {k: null}] Map [[1, 2]] undefined Error: e \u{fffd} Symbol(s)"]
    );
    let levels: Vec<_> = log.iter().map(|entry| entry.level).collect();
    assert_eq!(
        levels,
        [LogLevel::Log, LogLevel::Warn, LogLevel::Error, LogLevel::Info, LogLevel::Debug, LogLevel::Error]
    );
}

#[test]
fn a_registration_in_a_worker_follows_the_engine() {
    let mut world = worker("");
    world.realm.registration_changed(&RegistrationInfo { active: None, ..registration() }, false);
    assert_eq!(world.json("[registration.active, registration.scope]"), r#"[null,"https://shop.test/"]"#);
}

#[test]
fn a_message_that_cannot_be_read_is_told_of_and_ends_its_event() {
    let message = Message { data: "[\"nonsense\"]".to_owned(), ports: Vec::new() };
    let mut here = page(
        "const heard = [];
        navigator.serviceWorker.onmessageerror = ({ type, data }) => heard.push(`container ${type} ${data}`);
        navigator.serviceWorker.onmessage = () => heard.push('message');
        const { port1 } = new MessageChannel();
        port1.onmessageerror = ({ type, data }) => heard.push(`port ${type} ${data}`);
        port1.start();",
    );
    let (_, call) = here.realm.take_calls().remove(0);
    let Call::EntanglePorts { ports: [port, _] } = call else { panic!("{call:?}") };
    here.realm.port_message(&port, &message);
    let source = worker_info(1, ServiceWorkerState::Activated);
    here.realm.container_message(&ContainerMessage { message: message.clone(), source });
    assert_eq!(here.json("heard"), r#"["port messageerror null","container messageerror null"]"#);

    let mut there = worker("onmessageerror = ({ data }) => console.log('unreadable', data);");
    there.realm.dispatch_message(5, &WorkerMessage { message, origin: String::new(), source: None });
    let calls = there.realm.take_calls();
    assert!(matches!(calls[..], [(_, Call::EventSettled { event_id: 5, .. })]), "{calls:?}");
    assert_eq!(there.printed(), ["unreadable null"]);
}

#[test]
fn what_a_getter_moves_while_a_message_is_made_is_not_moved_twice() {
    let mut world = page(
        "const { port1, port2 } = new MessageChannel();
        const { port1: other, port2: third } = new MessageChannel();
        const buffer = new ArrayBuffer(3);
        const send = (value, list) => { try { port1.postMessage(value, list); return 'sent'; } catch (error) { return error.name; } };
        const ports = () => send({ get x() { port1.postMessage(0, [other]); return 1; } }, [other]);
        const buffers = () => send({ get x() { buffer.transfer(); return 1; } }, [third, buffer]);",
    );
    assert_eq!(world.json("[ports(), buffers()]"), r#"["DataCloneError","DataCloneError"]"#);
    assert_eq!(world.json("send(0, [third])"), "\"sent\"", "what was not sent is still here");
}
