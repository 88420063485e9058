//! The web platform as scripts see it: interfaces true to WebIDL, and the helpers clients use.

use super::support::{page, worker};

#[track_caller]
fn holds(world: &mut super::support::World, checks: &[&str]) {
    for check in checks {
        assert_eq!(world.json(check), "true", "{check}");
    }
}

const HELPERS: &str = r#"
function throws(name, f) { try { f(); } catch (error) { return error.name === name; } return false; }
async function rejects(name, f) { let p; try { p = f(); } catch { return false; } try { await p; } catch (error) { return error.name === name; } return false; }
const own = (holder, name) => Object.getOwnPropertyDescriptor(holder, name);
"#;

#[test]
fn background_sync_interfaces_are_true_to_web_idl() {
    let mut world = worker(HELPERS);
    holds(
        &mut world,
        &[
            "throws('TypeError', () => new SyncManager())",
            "throws('TypeError', () => SyncEvent('sync', { tag: 'x' }))",
            "throws('TypeError', () => new SyncEvent('sync'))",
            "throws('TypeError', () => new SyncEvent('sync', {}))",
            "throws('TypeError', () => new SyncEvent('sync', null))",
            "throws('TypeError', () => new SyncEvent('sync', 'x'))",
            "throws('TypeError', () => new SyncEvent('sync', { tag: undefined }))",
            "new SyncEvent('sync', { tag: null }).tag === 'null'",
            "new SyncEvent('sync', { tag: '' }).tag === ''",
            "new SyncEvent('sync', { tag: 'x' }).lastChance === false",
            "new SyncEvent('sync', { tag: 'x', lastChance: 1 }).lastChance === true",
            "new SyncEvent('sync', { tag: 'x', cancelable: true }).cancelable",
            "new SyncEvent('sync', { tag: 'x' }).isTrusted === false",
            "throws('InvalidStateError', () => new SyncEvent('sync', { tag: 'x' }).waitUntil(Promise.resolve()))",
            "(() => { const seen = []; new SyncEvent('sync', { get tag() { seen.push('tag'); return 't'; }, get lastChance() { seen.push('lastChance'); }, get bubbles() { seen.push('bubbles'); } }); return seen.join() === 'bubbles,lastChance,tag'; })()",
            "SyncEvent.length === 2 && SyncEvent.name === 'SyncEvent'",
            "Object.getPrototypeOf(SyncEvent) === ExtendableEvent && Object.getPrototypeOf(ExtendableEvent) === Event",
            "new SyncEvent('sync', { tag: 'x' }) instanceof Event",
            "String(new SyncEvent('sync', { tag: 'x' })) === '[object SyncEvent]'",
            "own(SyncEvent.prototype, 'tag').enumerable && own(SyncEvent.prototype, 'tag').configurable",
            "own(SyncEvent.prototype, 'tag').get.name === 'get tag' && own(SyncEvent.prototype, 'tag').set === undefined",
            "throws('TypeError', () => SyncEvent.prototype.tag)",
            "own(globalThis, 'SyncEvent').enumerable === false && own(globalThis, 'SyncEvent').writable",
            "own(SyncManager.prototype, 'register').enumerable && SyncManager.prototype.register.length === 1",
            "rejects('TypeError', () => registration.sync.register())",
            "rejects('TypeError', () => registration.sync.register(Symbol()))",
            "rejects('TypeError', () => SyncManager.prototype.getTags.call({}))",
            "registration.sync === registration.sync",
            "registration instanceof ServiceWorkerRegistration && registration instanceof EventTarget",
        ],
    );
}

#[test]
fn a_worker_is_a_service_worker_global_scope_and_a_page_a_window() {
    let mut world = worker(HELPERS);
    holds(
        &mut world,
        &[
            "self instanceof ServiceWorkerGlobalScope && self instanceof WorkerGlobalScope && self instanceof EventTarget",
            "Object.prototype.toString.call(self) === '[object ServiceWorkerGlobalScope]'",
            "throws('TypeError', () => new ServiceWorkerGlobalScope())",
            "onsync === null && own(self, 'onsync').get.name === 'get onsync'",
            "onperiodicsync === null && own(self, 'onperiodicsync').get.name === 'get onperiodicsync'",
            "(() => { onsync = 5; return onsync === null; })()",
            "(() => { const handler = { handleEvent() {} }; onsync = handler; const kept = onsync === handler; onsync = null; return kept; })()",
            "location.href === 'https://shop.test/sw.js' && location.origin === 'https://shop.test'",
            "registration.scope === 'https://shop.test/' && registration.active.state === 'activated'",
            "navigator instanceof WorkerNavigator && navigator.serviceWorker instanceof ServiceWorkerContainer",
            "serviceWorker === registration.active",
        ],
    );
    let mut world = page(HELPERS);
    holds(
        &mut world,
        &[
            "window === self && self instanceof Window",
            "typeof SyncManager === 'function' && typeof SyncEvent === 'undefined'",
            "typeof PeriodicSyncManager === 'function' && typeof PeriodicSyncEvent === 'undefined'",
            "typeof ExtendableEvent === 'undefined' && typeof clients === 'undefined'",
            "navigator.onLine && navigator.serviceWorker instanceof ServiceWorkerContainer",
            "navigator.serviceWorker.ready === navigator.serviceWorker.ready",
        ],
    );
}

#[test]
fn the_helpers_that_clients_use_are_there() {
    let mut world = page(HELPERS);
    holds(
        &mut world,
        &[
            "new URL('../b?x=1#y', 'https://exämple.test/a/c/d').href === 'https://xn--exmple-cua.test/a/b?x=1#y'",
            "(() => { const url = new URL('https://a.test/?x=1'); url.searchParams.append('y', 'é&'); url.pathname = '/p q'; return url.href === 'https://a.test/p%20q?x=1&y=%C3%A9%26'; })()",
            "throws('TypeError', () => new URL('no base'))",
            "new URLSearchParams('a=1&a=2&b=%20+').getAll('a').join() === '1,2'",
            "new TextDecoder().decode(new TextEncoder().encode('hä€😀')) === 'hä€😀'",
            "new TextDecoder().decode(new Uint8Array([0xff, 0x41])) === '\\ufffdA'",
            "throws('TypeError', () => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff])))",
            "(() => { const d = new TextDecoder(); return d.decode(new Uint8Array([0xe2, 0x82]), { stream: true }) + d.decode(new Uint8Array([0xac])) === '€'; })()",
            "structuredClone(new Map([[1, new Date(5)]])).get(1).getTime() === 5",
            "throws('DataCloneError', () => structuredClone(() => {}))",
            "(() => { const e = structuredClone(new QuotaExceededError('m', { quota: 5 })); return e instanceof QuotaExceededError && e.quota === 5 && e.requested === null && e.message === 'm'; })()",
            "(() => { const c = new AbortController(); let n = 0; c.signal.onabort = () => n++; c.abort(); c.abort(); return n === 1 && c.signal.reason.name === 'AbortError'; })()",
            "(() => { const s = new AbortController().signal; const f = () => {}; s.onabort = f; const kept = s.onabort === f; s.onabort = 1; return kept && s.onabort === null; })()",
            "AbortSignal.any([AbortSignal.abort('why')]).reason === 'why'",
            "rejects('TimeoutError', () => new Promise((_, no) => { const s = AbortSignal.timeout(50); s.onabort = () => no(s.reason); }))",
            "[...new Headers([['b', '2'], ['A', '1']]).keys()].join() === 'a,b'",
            "new Response('hä').arrayBuffer().then(b => b.byteLength === 3)",
            "new Response(new TextEncoder().encode('hä€')).text().then(t => t === 'hä€')",
            "(async () => { const r = new Request('/x', { method: 'POST', body: '{}', cache: 'no-store' }); const c = r.clone(); return r.url === 'https://shop.test/x' && await r.text() === '{}' && r.bodyUsed && !c.bodyUsed && await c.text() === '{}'; })()",
            "throws('TypeError', () => new Request('/x', { body: 'x' }))",
            "[204, 205, 304].every((status) => new Response(null, { status }).status === status && throws('TypeError', () => new Response('', { status })))",
            "throws('TypeError', () => new Response('', { statusText: 'a\\nb' })) && new Response('', { statusText: 'ä' }).statusText === 'ä'",
            "(() => { const r = new Response('x', { url: 'https://shop.test/' }); return r.type === 'default' && r.redirected === false && r.url === ''; })()",
            "(() => { const r = Response.redirect('/to', 303); return r instanceof Response && r.status === 303 && r.headers.get('location') === 'https://shop.test/to'; })()",
            "throws('RangeError', () => Response.redirect('/to', 200)) && throws('TypeError', () => Response.redirect('https://'))",
            "new Headers({ a: ' x ' }).get('a') === 'x' && ['\\u0100', 'a\\nb', '\\0'].every((value) => throws('TypeError', () => new Headers({ a: value })))",
            "rejects('TypeError', async () => { const r = new Response('x'); await r.text(); await r.text(); })",
            "new CustomEvent('x', { detail: 5 }).detail === 5",
            "throws('SyntaxError', () => new Worker('https://[')) && throws('SyntaxError', () => new SharedWorker('https://['))",
            "Date.prototype.constructor === Date && new Date() instanceof Date && typeof Date() === 'string'",
            "/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())",
            "atob(btoa('abc')) === 'abc'",
            "(() => { const e = new QuotaExceededError('x', { quota: 1, requested: 2 }); return e instanceof DOMException && e.name === 'QuotaExceededError' && e.code === 22 && e.quota === 1 && e.requested === 2; })()",
            "new QuotaExceededError().quota === null && throws('RangeError', () => new QuotaExceededError('x', { quota: 2, requested: 1 }))",
            "throws('QuotaExceededError', () => crypto.getRandomValues(new Uint8Array(65537)))",
            "typeof queueMicrotask === 'function' && performance.now() > 0",
        ],
    );
}

#[test]
fn console_formats_as_its_standard_says() {
    let mut world = page(
        "console.log('%cbold%c plain', 'font-weight: bold', ''); console.log('%s is %d of %f, %o, 100%%', 'x', '7.9', '1.5', {a: 1}, 'rest');
         console.log('%s'); console.log('50%', 1); console.log(); console.log(1, '%s', 2);",
    );
    assert_eq!(world.printed(), ["bold plain", "x is 7 of 1.5, {a: 1}, 100% rest", "%s", "50% 1", "", "1 %s 2"]);
}

#[test]
fn report_error_is_an_operation_of_its_own() {
    let mut world = page("const heard = []; onerror = (message) => { heard.push(message); return true; };");
    let refused = "(() => { try { reportError(); } catch (error) { return error.name; } })()";
    assert_eq!(
        world.json(&format!(
            "[reportError.name, reportError.length, {refused}, reportError(new RangeError('r')), heard]"
        )),
        r#"["reportError",1,"TypeError",null,["Uncaught RangeError: r"]]"#
    );
}
