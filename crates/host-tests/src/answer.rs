use std::sync::{Arc, Mutex, PoisonError};

use background_sync::RegisterError;

/// The promise of a page that called `register`. Settled once, or lost.
#[derive(Debug)]
#[must_use = "a promise that is dropped stays pending for ever"]
pub struct Answer(Arc<Mutex<Option<Result<(), RegisterError>>>>);

/// What became of a promise.
#[derive(Clone, Debug)]
pub(crate) struct Promise(Arc<Mutex<Option<Result<(), RegisterError>>>>);

impl Answer {
    pub(crate) fn new() -> (Self, Promise) {
        let shared = Arc::new(Mutex::new(None));
        (Self(Arc::clone(&shared)), Promise(shared))
    }

    /// The promise is resolved or rejected.
    pub fn settle(self, result: Result<(), RegisterError>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    }
}

impl Promise {
    pub(crate) fn settled(&self) -> Option<Result<(), RegisterError>> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
