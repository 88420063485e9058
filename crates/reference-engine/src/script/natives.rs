//! Everything the web platform's JavaScript can ask of Rust, in one place.
//!
//! The bundle is one function of one object with these members; nothing of it is visible to scripts. Text that crosses
//! is well-formed Unicode: strings of scripts are made so first, or cross as UTF-16 code units inside JSON. Bytes cross as
//! base64, because reading a script's buffer in place needs `unsafe`.
//!
//! | native | does |
//! |---|---|
//! | `call(id, json)` | queues a [`Call`] |
//! | `log(level, text, file, line)` | queues a [`LogEntry`] |
//! | `now()` | the clock, in milliseconds since the epoch |
//! | `random(count)` | bytes from the seed, as a `Uint8Array` |
//! | `url(json)` | parses and changes URLs and queries, see `url_native` |
//! | `encode(text)` | UTF-8 as a `Uint8Array` |
//! | `decode(base64, fatal)` | UTF-8 to text; `undefined` if it is fatal and wrong |
//! | `load(url)` | fetches and runs a script (`importScripts`) |
//! | `storage(json)` | asks the origin's shared IndexedDB, see `indexed_db::request` |
//! | `caches(json, bodies)` | asks the origin's shared caches, see `caches::request`; an array of JSON and bodies |
//! | `checkpoint()` | runs the microtasks; only where no script is on the stack |

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand_core::{Rng as _, SeedableRng as _};
use rand_pcg::Pcg64;
use rquickjs::context::EvalOptions;
use rquickjs::{Array, ArrayBuffer, Ctx, Exception, Function, Object, TypedArray};
use url::Url;

use super::caches;
use super::host::OUT_OF_MEMORY;
use super::indexed_db::Seat;
use super::watch::Watch;
use super::{Call, CallId, Clock, LogEntry, LogLevel, RealmOptions, ScriptLoader, Stopped, url_native};

/// Calls and lines that wait to be taken; a script that makes more without end is refused or cut off.
const MAX_WAITING: usize = 65_536;
/// Bytes of calls that wait: they are outside of the realm's heap and its limit.
const MAX_WAITING_BYTES: usize = 64 << 20;

/// What the natives and the realm share.
pub(super) struct Shared {
    pub(super) watch: Rc<Watch>,
    calls: RefCell<Vec<(CallId, Call)>>,
    calls_bytes: Cell<usize>,
    pub(super) log: RefCell<Vec<LogEntry>>,
    pub(super) seat: Seat,
    caches: caches::Seat,
    clock: Rc<dyn Clock>,
    loader: Rc<ScriptLoader>,
    random: RefCell<Pcg64>,
}

impl Shared {
    pub(super) fn new(options: &RealmOptions) -> Rc<Self> {
        Rc::new(Self {
            watch: Watch::new(options.limits),
            calls: RefCell::default(),
            calls_bytes: Cell::default(),
            log: RefCell::default(),
            seat: options.indexed_db.seat(),
            caches: options.caches.seat(),
            clock: Rc::clone(&options.clock),
            loader: Rc::clone(&options.loader),
            random: RefCell::new(Pcg64::seed_from_u64(options.seed)),
        })
    }

    /// Appends to the log while there is room. A full heap that no script dealt with is the end of the realm.
    pub(super) fn log(&self, entry: LogEntry) {
        if entry.level == LogLevel::UncaughtError && entry.text.ends_with(OUT_OF_MEMORY) {
            self.watch.stop(Stopped::OutOfMemory);
        }
        let mut log = self.log.borrow_mut();
        if log.len() < MAX_WAITING {
            log.push(entry);
        }
    }

    fn call(&self, ctx: &Ctx<'_>, id: u32, json: &str) -> rquickjs::Result<()> {
        let call = serde_json::from_str(json)
            .map_err(|error| Exception::throw_internal(ctx, &format!("a call the engine does not know: {error}")))?;
        let mut calls = self.calls.borrow_mut();
        let bytes = self.calls_bytes.get().saturating_add(json.len());
        if calls.len() >= MAX_WAITING || bytes > MAX_WAITING_BYTES {
            return Err(Exception::throw_range(ctx, "too many calls wait for the engine"));
        }
        calls.push((CallId(id), call));
        self.calls_bytes.set(bytes);
        Ok(())
    }

    pub(super) fn take_calls(&self) -> Vec<(CallId, Call)> {
        self.calls_bytes.set(0);
        self.calls.take()
    }

    fn random<'js>(&self, ctx: Ctx<'js>, count: usize) -> rquickjs::Result<TypedArray<'js, u8>> {
        let mut bytes = vec![0; count];
        self.random.borrow_mut().fill_bytes(&mut bytes);
        TypedArray::new(ctx, bytes)
    }

    fn load(&self, ctx: &Ctx<'_>, address: &str) -> rquickjs::Result<()> {
        let source = Url::parse(address).map_err(|error| error.to_string()).and_then(|url| (self.loader)(&url));
        let source = source.map_err(|why| {
            Exception::throw_dom(ctx, "NetworkError", &format!("the script {address} cannot be loaded: {why}"))
        })?;
        evaluate::<()>(ctx, source, address)
    }

    fn caches<'js>(&self, ctx: &Ctx<'js>, request: &str, bodies: Vec<Option<String>>) -> rquickjs::Result<Array<'js>> {
        let reply = self.caches.answer(request, bodies);
        let caches::Reply { json, bodies } = reply.map_err(|error| {
            Exception::throw_type(ctx, &format!("a question to the caches that makes no sense: {error}"))
        })?;
        let answer = Array::new(ctx.clone())?;
        answer.set(0, json)?;
        for (at, body) in bodies.into_iter().enumerate() {
            // A copy on the script's own heap, which has a limit.
            let body = body.map(|body| ArrayBuffer::new_copy(ctx.clone(), body)).transpose()?;
            answer.set(at + 1, body)?;
        }
        Ok(answer)
    }

    /// Runs microtasks until there are none, or until the budget is spent.
    pub(super) fn checkpoint(&self, ctx: &Ctx<'_>) {
        while self.watch.pay_job() && ctx.execute_pending_job() {}
    }
}

/// Runs a classic script under its own file name.
pub(super) fn evaluate<'js, T: rquickjs::FromJs<'js>>(
    ctx: &Ctx<'js>,
    source: String,
    filename: &str,
) -> rquickjs::Result<T> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(filename.to_owned());
    ctx.eval_with_options(source, options)
}

/// Makes the object that the bundle is called with.
pub(super) fn natives<'js>(ctx: &Ctx<'js>, shared: &Rc<Shared>) -> rquickjs::Result<Object<'js>> {
    let natives = Object::new(ctx.clone())?;
    let of = || Rc::clone(shared);
    let with = of();
    let call = move |ctx: Ctx<'js>, id: u32, json: String| with.call(&ctx, id, &json);
    natives.set("call", Function::new(ctx.clone(), call)?)?;
    let with = of();
    let log = move |level: String, text: String, file: String, line: u32| {
        with.log(LogEntry { level: LogLevel::named(&level), text, file, line });
    };
    natives.set("log", Function::new(ctx.clone(), log)?)?;
    let with = of();
    natives.set("now", Function::new(ctx.clone(), move || as_number(with.clock.now()))?)?;
    let with = of();
    let random = move |ctx: Ctx<'js>, count: usize| with.random(ctx, count);
    natives.set("random", Function::new(ctx.clone(), random)?)?;
    natives.set("url", Function::new(ctx.clone(), url)?)?;
    natives.set("encode", Function::new(ctx.clone(), encode)?)?;
    natives.set("decode", Function::new(ctx.clone(), decode)?)?;
    let with = of();
    natives.set("load", Function::new(ctx.clone(), move |ctx: Ctx<'js>, url: String| with.load(&ctx, &url))?)?;
    let with = of();
    let storage = move |ctx: Ctx<'js>, request: String| {
        with.seat.answer(&request).map_err(|error| Exception::throw_internal(&ctx, &error.to_string()))
    };
    natives.set("storage", Function::new(ctx.clone(), storage)?)?;
    let with = of();
    let caches = move |ctx: Ctx<'js>, request: String, bodies: Vec<Option<String>>| with.caches(&ctx, &request, bodies);
    natives.set("caches", Function::new(ctx.clone(), caches)?)?;
    let with = of();
    natives.set("checkpoint", Function::new(ctx.clone(), move |ctx: Ctx<'js>| with.checkpoint(&ctx))?)?;
    Ok(natives)
}

/// Milliseconds as a script's number: exact for the next 285,000 years.
#[expect(clippy::cast_precision_loss, reason = "times stay far below 2^53 ms")]
pub(super) fn as_number(milliseconds: u64) -> f64 {
    milliseconds as f64
}

fn url(ctx: Ctx<'_>, request: String) -> rquickjs::Result<String> {
    url_native::answer(&request).map_err(|error| Exception::throw_internal(&ctx, &error.to_string()))
}

fn encode<'js>(ctx: Ctx<'js>, text: String) -> rquickjs::Result<TypedArray<'js, u8>> {
    TypedArray::new(ctx, text.into_bytes())
}

fn decode(ctx: Ctx<'_>, base64: String, fatal: bool) -> rquickjs::Result<Option<String>> {
    let bytes = STANDARD.decode(base64).map_err(|error| Exception::throw_internal(&ctx, &error.to_string()))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(_) if fatal => None,
        Err(error) => Some(String::from_utf8_lossy(error.as_bytes()).into_owned()),
    })
}
