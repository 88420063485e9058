//! The functions that the web platform gives to Rust.

use std::cell::RefCell;
use std::rc::Rc;

use rquickjs::function::IntoArgs;
use rquickjs::{CaughtError, Ctx, FromJs, Function, Object, Persistent, Value};
use serde::Deserialize;

use super::ScriptError;

/// The bundle that `build.rs` made of `js/`.
const BUNDLE: &str = include_str!(concat!(env!("OUT_DIR"), "/web-platform.js"));

/// The bundle's name in stack traces; `js/src/report.js` skips it when it looks for a script's own line.
const BUNDLE_FILE: &str = "web-platform.js";

/// The object of functions that the bundle returned. Cleared before the runtime goes, as QuickJS demands.
#[derive(Clone, Default)]
pub(super) struct Host(Rc<RefCell<Option<Persistent<Object<'static>>>>>);

impl Host {
    /// Loads the web platform into a fresh context.
    pub(super) fn load<'js>(&self, ctx: &Ctx<'js>, natives: Object<'js>, options: &str) -> rquickjs::Result<()> {
        let bundle: Function<'js> = super::natives::evaluate(ctx, BUNDLE.to_owned(), BUNDLE_FILE)?;
        let host: Object<'js> = bundle.call((natives, options))?;
        *self.0.borrow_mut() = Some(Persistent::save(ctx, host));
        Ok(())
    }

    /// Forgets the functions.
    pub(super) fn clear(&self) {
        self.0.borrow_mut().take();
    }

    /// Calls one of the functions.
    pub(super) fn call<'js, T: FromJs<'js>>(
        &self,
        ctx: &Ctx<'js>,
        name: &str,
        args: impl IntoArgs<'js>,
    ) -> rquickjs::Result<T> {
        let host = self.0.borrow().clone().ok_or(rquickjs::Error::Unknown)?.restore(ctx)?;
        host.get::<_, Function<'js>>(name)?.call(args)
    }

    /// Calls one of the functions that return nothing.
    pub(super) fn tell<'js>(&self, ctx: &Ctx<'js>, name: &str, args: impl IntoArgs<'js>) -> rquickjs::Result<()> {
        self.call(ctx, name, args)
    }

    /// Turns what was thrown into data.
    pub(super) fn describe<'js>(&self, ctx: &Ctx<'js>, error: rquickjs::Error, file: &str) -> ScriptError {
        let caught = CaughtError::from_error(ctx, error);
        // Looked at natively first: when the heap is full, the function below may fail half-way.
        let message = match &caught {
            CaughtError::Exception(exception) => exception.message().unwrap_or_default(),
            CaughtError::Value(_) => NO_ERROR.to_owned(),
            CaughtError::Error(error) => error.to_string(),
        };
        let plain = |message: &str| ScriptError::plain("InternalError", message, file);
        // While the platform itself is loaded, an error that cannot even be made means the same as a full heap.
        let unmade = message.is_empty() || message == NO_ERROR;
        if message == OUT_OF_MEMORY || (unmade && self.0.borrow().is_none()) {
            return plain(OUT_OF_MEMORY);
        }
        let thrown: Value<'js> = match caught {
            CaughtError::Exception(exception) => exception.into_value(),
            CaughtError::Value(value) => value,
            CaughtError::Error(_) => return plain(&message),
        };
        let Ok(json) = self.call::<String>(ctx, "describe", (thrown,)) else {
            // Describing needs memory and time too, and a platform that is loaded.
            ctx.catch();
            return plain(&message);
        };
        match serde_json::from_str::<Described>(&json) {
            Ok(Described { name, message, file, line }) => ScriptError { name, message, file, line, stopped: None },
            Err(error) => ScriptError::plain("InternalError", &error.to_string(), file),
        }
    }
}

/// What QuickJS throws when the heap is too full even for an error: `null`, as a script might.
pub(super) const NO_ERROR: &str = "null";

/// What QuickJS says when the heap is full.
pub(super) const OUT_OF_MEMORY: &str = "out of memory";

#[derive(Deserialize)]
struct Described {
    name: String,
    message: String,
    file: String,
    line: u32,
}
