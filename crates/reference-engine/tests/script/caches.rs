//! The Cache API: one set of caches for all realms of an origin.

use background_sync_reference_engine::script::{
    Answer, Caches, Call, ClientOptions, DomError, FetchRequest, FetchResponse, GlobalKind, ManualClock, RealmOptions,
};

use super::support::{START, World, options, window, with, worker_options};

const HELPERS: &str = r"
async function rejects(name, f) { let p; try { p = f(); } catch { return 'threw'; } try { await p; } catch (error) { return error.name === name || String(error); } return 'fulfilled'; }
const own = (holder, name) => Object.getOwnPropertyDescriptor(holder, name);
const paths = (requests) => requests.map(({ url }) => url.slice(location.origin.length)).join();
const texts = async (responses) => (await Promise.all(responses.map((r) => r.text()))).join();
const open = (name = 'v1') => caches.open(name);
";

pub(crate) fn page(caches: &Caches, clock: &ManualClock) -> World {
    let options = RealmOptions { caches: caches.clone(), ..options(window(), "index.html", clock) };
    with(&options, clock.clone(), HELPERS)
}

pub(crate) fn worker(caches: &Caches, clock: &ManualClock) -> World {
    with(&RealmOptions { caches: caches.clone(), ..worker_options(clock) }, clock.clone(), HELPERS)
}

fn lone_page() -> World {
    page(&Caches::in_memory(), &ManualClock::new(START))
}

/// Every check is an expression that is true, or says what is wrong.
#[track_caller]
fn holds(world: &mut World, checks: &[&str]) {
    for check in checks {
        assert_eq!(world.json(check), "true", "{check}");
    }
}

#[test]
fn the_interfaces_are_true_to_web_idl() {
    for mut world in [lone_page(), worker(&Caches::in_memory(), &ManualClock::new(START))] {
        holds(
            &mut world,
            &[
                "caches === self.caches && caches instanceof CacheStorage && String(caches) === '[object CacheStorage]'",
                "own(globalThis, 'caches').set === undefined && own(globalThis, 'caches').get.name === 'get caches' && own(globalThis, 'caches').enumerable",
                "rejects('TypeError', async () => new CacheStorage())",
                "rejects('TypeError', async () => new Cache())",
                "own(globalThis, 'Cache').enumerable === false && own(globalThis, 'CacheStorage').writable",
                "open().then((cache) => cache instanceof Cache && String(cache) === '[object Cache]')",
                "Object.keys(Cache.prototype).map((name) => `${name} ${Cache.prototype[name].length}`).join() === 'match 1,matchAll 0,add 1,addAll 1,put 2,delete 1,keys 0'",
                "Object.keys(CacheStorage.prototype).map((name) => `${name} ${CacheStorage.prototype[name].length}`).join() === 'match 1,has 1,open 1,delete 1,keys 0'",
                "Promise.all(Object.keys(Cache.prototype).map((name) => rejects('TypeError', () => Cache.prototype[name].call({}, '/', new Response('x'))))).then((all) => all.every((each) => each === true))",
                "Promise.all(Object.keys(CacheStorage.prototype).map((name) => rejects('TypeError', () => CacheStorage.prototype[name].call(undefined, '/')))).then((all) => all.every((each) => each === true))",
                "Promise.all(['match', 'has', 'open', 'delete'].map((name) => rejects('TypeError', () => caches[name]()))).then((all) => all.every((each) => each === true))",
                "open().then((cache) => Promise.all(['match', 'add', 'addAll', 'put', 'delete'].map((name) => rejects('TypeError', () => cache[name]())))).then((all) => all.every((each) => each === true))",
                "open().then((cache) => rejects('TypeError', () => cache.match('/', 5)))",
                "open().then((cache) => rejects('TypeError', () => cache.match(Symbol())))",
                "open().then((cache) => rejects('TypeError', () => cache.match('https://')))",
                "open().then((cache) => rejects('TypeError', () => cache.addAll(5)))",
                "rejects('TypeError', () => caches.open(Symbol()))",
            ],
        );
    }
}

#[test]
fn there_are_none_in_an_insecure_context() {
    let clock = ManualClock::new(START);
    let kind = GlobalKind::Window(ClientOptions { insecure: true, ..ClientOptions::default() });
    let mut world = with(&options(kind, "index.html", &clock), clock, "");
    holds(&mut world, &["['caches', 'Cache', 'CacheStorage'].every((name) => !(name in globalThis))"]);
}

#[test]
fn what_one_realm_puts_another_matches_again_and_again() {
    let (caches, clock) = (Caches::in_memory(), ManualClock::new(START));
    let (mut page, mut worker) = (page(&caches, &clock), worker(&caches, &clock));
    page.json(
        "open().then((cache) => cache.put('/a?q=1#part', new Response('hä€', { status: 201, statusText: 'Made', headers: { 'X-B': '2', 'x-a': '1' } })))",
    );
    let seen = "caches.match('/a?q=1').then(async (r) => [r instanceof Response, r.status, r.statusText, r.ok, r.url, r.type, r.redirected, r.bodyUsed, [...r.headers].join(), await r.text(), r.bodyUsed])";
    let expected = r#"[true,201,"Made",true,"","default",false,false,"content-type,text/plain;charset=UTF-8,x-a,1,x-b,2","hä€",true]"#;
    for world in [&mut worker, &mut page] {
        assert_eq!(world.json(seen), expected);
        assert_eq!(world.json(seen), expected);
    }
    assert_eq!(
        page.json(
            "open().then((c) => c.keys()).then((keys) => [keys[0] instanceof Request, keys[0].url, keys[0].method])"
        ),
        r#"[true,"https://shop.test/a?q=1#part","GET"]"#
    );
    drop(page);
    assert_eq!(worker.json(seen), expected);
    let bytes = "open().then(async (cache) => { await cache.put('/b', new Response(new Uint8Array([0, 255, 128]))); return [...await (await cache.match('/b')).bytes()]; })";
    assert_eq!(worker.json(bytes), "[0,255,128]");
}

#[test]
fn a_query_finds_by_address_vary_and_its_options() {
    let mut world = lone_page();
    world.json(
        "open().then(async (cache) => { globalThis.cache = cache; for (const path of ['/a', '/a?1', '/a?2', '/b#x']) await cache.put(path, new Response(path)); await cache.put(new Request('/v', { headers: { accept: 'text' } }), new Response('text', { headers: { vary: 'Accept' } })); await cache.put(new Request('/v', { headers: { accept: 'json' } }), new Response('json', { headers: { vary: 'Accept' } })); })",
    );
    holds(
        &mut world,
        &[
            "cache.match('/a').then((r) => r.text()).then((t) => t === '/a')",
            "cache.match('/none').then((r) => r === undefined)",
            "cache.match('/b#other').then((r) => r.text()).then((t) => t === '/b#x')",
            "cache.match(new URL('/b', location)).then((r) => r.text()).then((t) => t === '/b#x')",
            "cache.match('/a?3').then((r) => r === undefined)",
            "cache.match('/a?3', { ignoreSearch: true }).then((r) => r.text()).then((t) => t === '/a')",
            "cache.matchAll('/a?3', { ignoreSearch: true }).then(texts).then((t) => t === '/a,/a?1,/a?2')",
            "cache.matchAll().then((all) => Object.isFrozen(all) && all.length === 6)",
            "cache.matchAll(undefined, {}).then((all) => all.length === 6)",
            "cache.matchAll('/none').then((all) => Array.isArray(all) && all.length === 0)",
            "cache.keys().then((keys) => Object.isFrozen(keys) && paths(keys) === '/a,/a?1,/a?2,/b#x,/v,/v')",
            "cache.keys('/a', { ignoreSearch: true }).then((keys) => paths(keys) === '/a,/a?1,/a?2')",
            "cache.keys('/v', { ignoreVary: true }).then((keys) => keys.map((k) => k.headers.get('accept')).join() === 'text,json')",
            "cache.match('/v').then((r) => r === undefined)",
            "cache.match(new Request('/v', { headers: { ACCEPT: 'json' } })).then((r) => r.text()).then((t) => t === 'json')",
            "cache.matchAll('/v', { ignoreVary: true }).then(texts).then((t) => t === 'text,json')",
            "cache.match(new Request('/a', { method: 'POST' })).then((r) => r === undefined)",
            "cache.match(new Request('/a', { method: 'HEAD' })).then((r) => r === undefined)",
            "cache.match(new Request('/a', { method: 'POST' }), { ignoreMethod: true }).then((r) => r.text()).then((t) => t === '/a')",
            "cache.matchAll(new Request('/a', { method: 'POST' })).then((all) => all.length === 0)",
            "cache.keys(new Request('/a', { method: 'POST' })).then((all) => all.length === 0)",
            "cache.delete(new Request('/a', { method: 'POST' })).then((was) => was === false)",
            "cache.delete('/none').then((was) => was === false)",
            "cache.delete('/a?3', { ignoreSearch: true }).then((was) => was === true)",
            "cache.keys().then((keys) => paths(keys) === '/b#x,/v,/v')",
            "cache.delete('/v').then((was) => was === false)",
            "cache.delete(new Request('/v', { headers: { accept: 'text' } })).then((was) => was === true)",
            "cache.matchAll('/v', { ignoreVary: true }).then(texts).then((t) => t === 'json')",
        ],
    );
}

#[test]
fn a_put_replaces_what_matches_and_uses_up_the_body() {
    let mut world = lone_page();
    world.json("open().then(async (cache) => { globalThis.cache = cache; await cache.put('/a', new Response('1')); await cache.put('/b', new Response('2')); })");
    holds(
        &mut world,
        &[
            "(async () => { const r = new Response('new'); const put = await cache.put('/a#x', r); return put === undefined && r.bodyUsed; })()",
            "cache.keys().then((keys) => paths(keys) === '/b,/a#x')",
            "cache.matchAll().then(texts).then((t) => t === '2,new')",
            "(async () => { const r = new Response(null, { status: 204 }); await cache.put('/n', r); const m = await cache.match('/n'); return !r.bodyUsed && m.status === 204 && await m.text() === '' && !m.bodyUsed; })()",
            "(async () => { const r = new Response('kept'); await cache.put('/c', r.clone()); return await r.text() === 'kept' && await (await cache.match('/c')).text() === 'kept'; })()",
            "(async () => { const r = await cache.match('/c'); const c = r.clone(); await r.text(); await cache.put('/d', c); return await texts(await cache.matchAll('/d')) === 'kept'; })()",
            "(async () => { await cache.put('/e', Response.error()); const m = await cache.match('/e'); return m.type === 'error' && m.status === 0 && m.clone().type === 'error'; })()",
            "(async () => { await cache.put('/r', Response.redirect('/to')); const m = await cache.match('/r'); return m.status === 302 && m.headers.get('location') === 'https://shop.test/to'; })()",
            "(async () => { cache.put('/late', new Response('now')); return await texts(await cache.matchAll('/late')) === 'now'; })()",
        ],
    );
}

#[test]
fn what_cannot_be_kept_is_refused_and_nothing_changes() {
    let mut world = lone_page();
    world.json("open().then((cache) => { globalThis.cache = cache; })");
    let put = |what: &str| format!("rejects('TypeError', () => cache.put({what}))");
    for what in [
        "new Request('/a', { method: 'POST' }), new Response('')",
        "new Request('/a', { method: 'HEAD' }), new Response('')",
        "'ftp://shop.test/', new Response('')",
        "'data:text/plain,x', new Response('')",
        "'/a', new Response('part', { status: 206 })",
        "'/a', new Response('', { headers: { vary: '*' } })",
        "'/a', new Response('', { headers: { vary: 'accept, *' } })",
        "'/a', 'text'",
        "'/a', { status: 200, headers: new Headers() }",
        "'/a', Object.create(Response.prototype)",
        "'/a'",
        "'http://', new Response('')",
    ] {
        holds(&mut world, &[&put(what)]);
    }
    holds(
        &mut world,
        &[
            "(async () => { const r = new Response('x'); await r.text(); return rejects('TypeError', () => cache.put('/a', r)); })()",
            "(async () => { const r = new Response('x', { status: 206 }); await rejects('TypeError', () => cache.put('/a', r)); return !r.bodyUsed; })()",
            // A script's own properties make no sense of theirs.
            "rejects('TypeError', () => cache.put('/a', Object.assign(new Response(), { status: 'odd' })))",
            "cache.keys().then((keys) => keys.length === 0)",
        ],
    );
}

#[test]
fn caches_have_names_of_any_text_in_the_order_of_their_making() {
    let mut world = lone_page();
    holds(
        &mut world,
        &[
            r"Promise.all(['b', '', 'a\ud800', 'b'].map((name) => caches.open(name))).then(([b, , , again]) => b !== again)",
            r"caches.keys().then((names) => names.length === 3 && names[0] === 'b' && names[1] === '' && names[2] === 'a\ud800')",
            r"caches.has('a\ud800').then((has) => has === true)",
            "caches.has('a\u{fffd}').then((has) => has === false)",
            "(async () => { await (await open('b')).put('/x', new Response('b')); await (await open('')).put('/x', new Response('empty')); return true; })()",
            "caches.match('/x').then((r) => r.text()).then((t) => t === 'b')",
            "caches.match('/x', { cacheName: '' }).then((r) => r.text()).then((t) => t === 'empty')",
            "caches.match('/x', { cacheName: undefined }).then((r) => r.text()).then((t) => t === 'b')",
            r"caches.match('/x', { cacheName: 'a\ud800' }).then((r) => r === undefined)",
            "caches.match('/x', { cacheName: 'none' }).then((r) => r === undefined)",
            "caches.has('none').then((has) => has === false)",
            "caches.match('/x?y', { ignoreSearch: true, cacheName: 'b' }).then((r) => r.text()).then((t) => t === 'b')",
            "caches.delete('b').then((was) => was === true)",
            "caches.delete('b').then((was) => was === false)",
            "caches.match('/x').then((r) => r.text()).then((t) => t === 'empty')",
        ],
    );
}

#[test]
fn a_deleted_cache_lives_on_for_who_holds_it() {
    let mut world = lone_page();
    holds(
        &mut world,
        &[
            "open().then(async (cache) => { globalThis.cache = cache; await cache.put('/a', new Response('old')); return caches.delete('v1'); })",
            "cache.match('/a').then((r) => r.text()).then((t) => t === 'old')",
            "cache.put('/b', new Response('more')).then(() => cache.keys()).then((keys) => paths(keys) === '/a,/b')",
            "open().then((anew) => anew.keys()).then((keys) => keys.length === 0)",
            "caches.match('/b').then((r) => r === undefined)",
        ],
    );
}

/// Answers the fetches that wait, by path: a status and a body, or no network.
fn serve(world: &mut World, answer: impl Fn(&str) -> Option<(u16, &'static str)>) -> Vec<String> {
    let mut asked = Vec::new();
    for (id, call) in world.realm.take_calls() {
        let Call::Fetch(FetchRequest { url, .. }) = call else { panic!("{call:?}") };
        let path = url.strip_prefix("https://shop.test").unwrap().to_owned();
        let response = answer(&path).map(|(status, body)| {
            let vary = if path == "/vary" { "*" } else { "accept" };
            let headers = vec![("Vary".to_owned(), vary.to_owned())];
            Answer::Response(FetchResponse { url, status, status_text: "Fine".to_owned(), headers, body: body.into() })
        });
        world.realm.settle(id, response.ok_or_else(|| DomError::type_error("no network")));
        asked.push(path);
    }
    asked
}

#[test]
fn add_fetches_and_keeps_all_or_nothing() {
    let mut world = lone_page();
    world.json("open().then((cache) => { globalThis.cache = cache; })");
    let served = |path: &str| match path {
        "/gone" => Some((404, "gone")),
        "/part" => Some((206, "part")),
        "/none" => Some((204, "")),
        "/lost" => None,
        _ => Some((200, "body")),
    };
    let mut run = |source: &str| {
        let print = format!(
            "({source}).then((v) => console.log(String(v)), (e) => console.log(e.name, e instanceof DOMException))"
        );
        world.realm.evaluate(&print, "add.js").unwrap();
        let asked = serve(&mut world, served);
        world.pass(10);
        (asked.join(" "), world.printed().join(","))
    };
    assert_eq!(run("cache.add('/a')"), ("/a".to_owned(), "undefined".to_owned()));
    assert_eq!(run("cache.addAll(['/b', new Request('/c', { headers: { accept: 'x' } }), '/none'])").0, "/b /c /none");
    let keys = "cache.keys().then((keys) => console.log(paths(keys)))";
    assert_eq!(run(keys).1, "/a,/b,/c,/none,undefined");
    let first =
        "cache.match('/a').then(async (r) => [r.status, r.statusText, r.url, r.type, r.redirected, await r.text()])";
    assert_eq!(run(first).1, "200,Fine,https://shop.test/a,basic,false,body");
    assert_eq!(run("cache.addAll([])").1, "undefined");
    for refused in ["/gone", "/part", "/vary", "/lost"] {
        assert_eq!(run(&format!("cache.add('{refused}')")).1, "TypeError false", "{refused}");
        let all = format!("cache.addAll(['/new', '{refused}'])");
        assert_eq!(run(&all), (format!("/new {refused}"), "TypeError false".to_owned()));
    }
    // These are refused before anything is fetched.
    for refused in ["new Request('/x', { method: 'POST' })", "'ftp://shop.test/'", "'https://'"] {
        assert_eq!(run(&format!("cache.addAll(['/new', {refused}])")), (String::new(), "TypeError false".to_owned()));
    }
    assert_eq!(run("cache.addAll(['/new', '/new#again'])").1, "InvalidStateError true");
    assert_eq!(run("cache.add(new Request('/new', { signal: AbortSignal.abort() }))").1, "AbortError true");
    assert_eq!(run(keys).1, "/a,/b,/c,/none,undefined");
}

#[test]
fn an_origin_has_so_much_room_and_no_more() {
    let mut world = lone_page();
    let fill = "open().then(async (cache) => { globalThis.cache = cache; for (let n = 0; n < 7; n++) await cache.put(`/${n}`, new Response(new Uint8Array(9 << 20))); })";
    world.json(fill);
    let error = world.run_for("cache.put('/8', new Response(new Uint8Array(9 << 20)))", 10).unwrap_err();
    assert_eq!(error, "QuotaExceededError: the caches of an origin hold 64 MiB at most");
    holds(
        &mut world,
        &[
            "cache.keys().then((keys) => keys.length === 7)",
            "cache.put('/small', new Response('fits')).then(() => true)",
            "cache.delete('/0')",
            "cache.put('/8', new Response(new Uint8Array(9 << 20))).then(() => true)",
        ],
    );
}

#[test]
fn what_nobody_holds_any_more_makes_room() {
    let mut world = lone_page();
    let turn = "(async () => { await (await open()).put('/x', new Response(new Uint8Array(9 << 20))); return caches.delete('v1'); })()";
    for _ in 0..20 {
        assert_eq!(world.json(turn), "true");
    }
}

#[test]
fn scripts_cannot_swap_what_the_caches_use() {
    let mut world = lone_page();
    world
        .realm
        .evaluate("for (const name of ['Promise', 'Response', 'Request', 'Headers', 'JSON', 'Uint8Array', 'DOMException', 'FinalizationRegistry', 'fetch', 'setTimeout', 'URL']) globalThis[name] = undefined;", "swap.js")
        .unwrap();
    world
        .realm
        .evaluate("open().then((cache) => cache.keys()).then((keys) => console.log(keys.length))", "use.js")
        .unwrap();
    world.pass(10);
    assert_eq!(world.printed(), ["0"]);
}
