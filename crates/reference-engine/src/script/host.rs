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
        if let CaughtError::Exception(exception) = &caught {
            // Looked at here first: when the heap is full, the function below may fail half-way. While the platform
            // itself is loaded, a message that cannot even be made means the same.
            let message = exception.message().unwrap_or_default();
            if message == OUT_OF_MEMORY || (message.is_empty() && self.0.borrow().is_none()) {
                return ScriptError::plain("InternalError", OUT_OF_MEMORY, file);
            }
        }
        let thrown: Value<'js> = match caught {
            _ if self.0.borrow().is_none() => return ScriptError::plain("InternalError", &caught.to_string(), file),
            CaughtError::Error(error) => return ScriptError::plain("InternalError", &error.to_string(), file),
            CaughtError::Exception(exception) => exception.into_value(),
            CaughtError::Value(value) => value,
        };
        let described: rquickjs::Result<String> = self.call(ctx, "describe", (thrown,));
        let Ok(json) = described else {
            // Describing needs memory and time too; what is left says enough.
            ctx.catch();
            return ScriptError::plain("InternalError", OUT_OF_MEMORY, file);
        };
        match serde_json::from_str::<Described>(&json) {
            Ok(Described { name, message, file, line }) => ScriptError { name, message, file, line, stopped: None },
            Err(error) => ScriptError::plain("InternalError", &error.to_string(), file),
        }
    }
}

/// What QuickJS says when the heap is full.
pub(super) const OUT_OF_MEMORY: &str = "out of memory";

#[derive(Deserialize)]
struct Described {
    name: String,
    message: String,
    file: String,
    line: u32,
}
