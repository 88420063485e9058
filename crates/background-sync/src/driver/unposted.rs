use std::fmt;

use super::Receipt;

/// A call that could not be handed over, with the closure that was to be told.
///
/// The closure was not called, because it is called on the driver's thread or not at all. Reject the promise with
/// [`error`](Self::error), or let [`answer`](Self::answer) run the closure here.
#[must_use = "the call was not made; its caller waits for an answer"]
#[non_exhaustive]
pub struct Unposted<E, R> {
    /// Why: the queue is full, or background sync has ended.
    pub error: E,
    /// The closure, as it was given.
    pub reply: R,
}

impl<E, R> Unposted<E, R> {
    pub(super) const fn new(error: E, reply: R) -> Self {
        Self { error, reply }
    }

    /// Runs the closure with the error, on this very thread: hold no lock that it takes.
    pub fn answer<T>(self)
    where
        R: FnOnce(Result<T, E>, Receipt),
    {
        (self.reply)(Err(self.error), Receipt::inert());
    }
}

impl<E: fmt::Debug, R> fmt::Debug for Unposted<E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unposted").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<E: fmt::Display, R> fmt::Display for Unposted<E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<E: std::error::Error, R> std::error::Error for Unposted<E, R> {}
