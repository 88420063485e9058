//! One page or worker.

use std::collections::HashMap;
use std::rc::Rc;

use rquickjs::{Context, Ctx, Runtime, Value};
use serde::Serialize;

use super::answer::Expected;
use super::bundle_options::BundleOptions;
use super::host::{Host, NO_ERROR, OUT_OF_MEMORY};
use super::natives::{self, Shared, as_number};
use super::{Answer, Call, CallId, DomError, InterruptHandle, LogEntry, LogLevel, RealmOptions, ScriptError, Stopped};

/// A JavaScript global with its own heap. See the [module](super) for how an engine drives it.
pub struct Realm {
    host: Host,
    context: Context,
    runtime: Runtime,
    shared: Rc<Shared>,
    waiting: HashMap<CallId, Expected>,
    /// In bytes; zero is none.
    memory_limit: u64,
}

impl Realm {
    /// A fresh realm with the web platform in it and no script yet.
    ///
    /// # Errors
    /// When the limits leave no room for the web platform itself.
    pub fn new(options: &RealmOptions) -> Result<Self, ScriptError> {
        let no_engine = |error: rquickjs::Error| ScriptError::plain("InternalError", &error.to_string(), "");
        let runtime = Runtime::new().map_err(no_engine)?;
        runtime.set_memory_limit(options.limits.memory);
        runtime.set_max_stack_size(options.limits.stack);
        let context = Context::full(&runtime).map_err(no_engine)?;
        let shared = Shared::new(options);
        let watch = Rc::clone(&shared.watch);
        runtime.set_interrupt_handler(Some(Box::new(move || watch.must_stop())));
        let memory_limit = u64::try_from(options.limits.memory).unwrap_or(0);
        let mut realm = Self { host: Host::default(), context, runtime, shared, waiting: HashMap::new(), memory_limit };
        realm.track_rejections();
        let bundle = to_json(&BundleOptions::of(options));
        let shared = Rc::clone(&realm.shared);
        realm.enter("", |ctx, host| host.load(ctx, natives::natives(ctx, &shared)?, &bundle))?;
        realm.shared.watch.arm();
        Ok(realm)
    }

    /// Promises rejected without a handler are reported when the microtasks have run out.
    fn track_rejections(&self) {
        let host = self.host.clone();
        self.runtime.set_host_promise_rejection_tracker(Some(Box::new(move |ctx, promise, reason, handled| {
            if host.tell(&ctx, "trackRejection", (promise, reason, handled)).is_err() {
                ctx.catch();
            }
        })));
    }

    /// Runs a classic script. `filename` appears in errors.
    ///
    /// # Errors
    /// What the script threw, syntax errors included, with file and line; or why it was stopped.
    pub fn evaluate(&mut self, source: &str, filename: &str) -> Result<(), ScriptError> {
        let source = source.to_owned();
        self.enter(filename, |ctx, _| natives::evaluate::<Value<'_>>(ctx, source, filename).map(|_| ()))
    }

    /// Runs an expression such as `send('hello')`; its value, awaited, comes as [`Call::RunSettled`] with `run_id`,
    /// which is below 2^53. Nothing comes if the realm is stopped before that.
    pub fn run(&mut self, run_id: u64, source: &str) {
        let filename = format!("run:{run_id}");
        let source = source.to_owned();
        self.enter_quietly(&filename, |ctx, host| {
            let id = as_number(run_id);
            match natives::evaluate::<Value<'_>>(ctx, source, &filename) {
                Ok(value) => host.tell(ctx, "finishRun", (id, value)),
                Err(error) => {
                    let mut error = host.describe(ctx, error, &filename);
                    if error.file == filename {
                        // Whoever asked knows what it was; the name of the file says nothing.
                        error.file.clear();
                    }
                    host.tell(ctx, "failRun", (id, error.to_string()))
                }
            }
        });
    }

    /// What the scripts have asked for since the last time, in call order.
    pub fn take_calls(&mut self) -> Vec<(CallId, Call)> {
        let calls = self.shared.take_calls();
        self.waiting.extend(calls.iter().filter_map(|(id, call)| Some((*id, call.expects()?))));
        calls
    }

    /// Answers a call. An id that waits for nothing (answered, unknown, never waiting) is ignored; an answer of
    /// the wrong kind rejects with `UnknownError`.
    pub fn settle(&mut self, id: CallId, answer: Result<Answer, DomError>) {
        let Some(expected) = self.waiting.remove(&id) else { return };
        let answer = answer.and_then(|answer| {
            if expected.takes(&answer) {
                return Ok(answer);
            }
            let message = format!("the engine answered {:?} where {:?} was due", answer.kind(), expected.kind());
            Err(DomError::named("UnknownError", &message))
        });
        let json = match &answer {
            Ok(answer) => format!("{{\"ok\":{}}}", to_json(answer)),
            Err(error) => format!("{{\"error\":{}}}", to_json(error)),
        };
        self.enter_quietly("", |ctx, host| host.tell(ctx, "settle", (id.0, json)));
    }

    /// When the next timer or task is due, in milliseconds since the epoch; a past time means now.
    /// Other realms of the origin can bring it forward, through IndexedDB.
    pub fn next_timer(&mut self) -> Option<u64> {
        if self.stopped().is_none() && self.shared.seat.has_notices() {
            return Some(0);
        }
        let due = self.enter("", |ctx, host| host.call::<f64>(ctx, "nextDue", ())).ok()?;
        (due >= 0.0).then(|| as_milliseconds(due))
    }

    /// Runs the one task that is due first, if it is due at `now`, and says whether there was one.
    pub fn run_timer(&mut self, now: u64) -> bool {
        if self.stopped().is_none() && self.shared.seat.has_notices() {
            let notices = self.shared.seat.take_notices().unwrap_or_default();
            return self.enter_quietly("", |ctx, host| host.tell(ctx, "deliver", (notices,))).is_some();
        }
        self.enter_quietly("", |ctx, host| host.call(ctx, "runDue", (as_number(now),))).unwrap_or(false)
    }

    /// What was printed and what went wrong since the last time.
    pub fn take_log(&mut self) -> Vec<LogEntry> {
        self.shared.log.take()
    }

    /// A handle that stops the realm from any thread.
    #[must_use]
    pub fn interrupt_handle(&self) -> InterruptHandle {
        self.shared.watch.handle()
    }

    /// Why the realm runs nothing any more; none while it is alive.
    #[must_use]
    pub fn stopped(&self) -> Option<Stopped> {
        self.shared.watch.stopped()
    }

    /// Bytes of heap in use.
    #[must_use]
    pub fn memory_used(&self) -> u64 {
        u64::try_from(self.runtime.memory_usage().malloc_size).unwrap_or(0)
    }

    /// Like [`Self::enter`], for entries whose failure is the platform's: it is logged. That a realm was stopped is for
    /// [`Self::stopped`] to say.
    pub(super) fn enter_quietly<T>(
        &mut self,
        file: &str,
        work: impl for<'js> FnOnce(&Ctx<'js>, &Host) -> rquickjs::Result<T>,
    ) -> Option<T> {
        match self.enter(file, work) {
            Ok(value) => Some(value),
            Err(error) => {
                if self.stopped().is_none() {
                    let ScriptError { file, line, .. } = error.clone();
                    self.shared.log(LogEntry { level: LogLevel::Platform, text: error.to_string(), file, line });
                }
                None
            }
        }
    }

    /// One entry: some work, then the microtasks, within the budget.
    fn enter<T>(
        &mut self,
        file: &str,
        work: impl for<'js> FnOnce(&Ctx<'js>, &Host) -> rquickjs::Result<T>,
    ) -> Result<T, ScriptError> {
        let watch = &self.shared.watch;
        watch.begin().map_err(|reason| ScriptError::stopped(reason, file))?;
        let result = self.context.with(|ctx| {
            let result = work(&ctx, &self.host).map_err(|error| self.host.describe(&ctx, error, file));
            self.shared.checkpoint(&ctx);
            if watch.stopped().is_none() && self.host.tell(&ctx, "reportRejections", ()).is_err() {
                ctx.catch();
            }
            result
        });
        if result.as_ref().is_err_and(|error| self.means_full(error)) {
            watch.stop(Stopped::OutOfMemory);
        }
        match watch.stopped() {
            Some(reason) => Err(ScriptError::stopped(reason, file)),
            None => result,
        }
    }
}

impl Realm {
    /// Whether an error says that the heap is full. There may have been no room for its words.
    fn means_full(&self, error: &ScriptError) -> bool {
        let of_the_engine = error.name.is_empty() || error.name == "InternalError";
        error.message == OUT_OF_MEMORY
            || (of_the_engine && error.message == NO_ERROR && self.memory_used() > self.memory_limit / 2)
    }
}

impl Drop for Realm {
    fn drop(&mut self) {
        self.host.clear();
    }
}

/// Our own data always has a JSON form.
pub(super) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| format!("{{\"unserializable\":\"{error}\"}}"))
}

/// A script's due time, rounded up so that it is never early.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating is what is wanted")]
fn as_milliseconds(due: f64) -> u64 {
    due.ceil() as u64
}
