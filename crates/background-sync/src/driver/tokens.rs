use super::Poster;
use super::message::Message;
use crate::{AttemptId, NotStarted, Outcome};

/// Follows the start of a worker: it becomes ready or fails, once.
///
/// Dropped it says that the start was lost: an engine that loses a worker's process need not remember to say so.
#[derive(Debug)]
#[must_use = "dropping it says that the start was lost"]
pub struct StartCompletion {
    attempt: AttemptId,
    poster: Option<Poster>,
}

impl StartCompletion {
    pub(crate) fn new(attempt: AttemptId, poster: Poster) -> Self {
        Self { attempt, poster: Some(poster) }
    }

    /// The attempt this is about.
    #[must_use]
    pub const fn attempt(&self) -> AttemptId {
        self.attempt
    }

    /// The active worker runs and is activated: the event can be dispatched.
    /// [`ServiceWorkerHost::dispatch`](crate::ServiceWorkerHost::dispatch) or
    /// [`abandon`](crate::ServiceWorkerHost::abandon) follows.
    pub fn ready(mut self) {
        if let Some(poster) = self.poster.take() {
            poster.post(Message::Ready(self.attempt));
        }
    }

    /// The worker could not be started.
    pub fn not_started(mut self, reason: NotStarted) {
        if let Some(poster) = self.poster.take() {
            poster.post(Message::NotStarted(self.attempt, reason));
        }
    }
}

impl Drop for StartCompletion {
    fn drop(&mut self) {
        if let Some(poster) = self.poster.take() {
            poster.post(Message::NotStarted(self.attempt, NotStarted::Lost));
        }
    }
}

/// Follows a dispatched event: it ends, once.
///
/// Dropped it says that the worker crashed.
#[derive(Debug)]
#[must_use = "dropping it says that the worker crashed"]
pub struct EventCompletion {
    attempt: AttemptId,
    poster: Option<Poster>,
}

impl EventCompletion {
    pub(crate) fn new(attempt: AttemptId, poster: Poster) -> Self {
        Self { attempt, poster: Some(poster) }
    }

    /// The attempt this is about.
    #[must_use]
    pub const fn attempt(&self) -> AttemptId {
        self.attempt
    }

    /// The event has ended.
    pub fn finish(mut self, outcome: Outcome) {
        if let Some(poster) = self.poster.take() {
            poster.post(Message::Finished(self.attempt, outcome));
        }
    }
}

impl Drop for EventCompletion {
    fn drop(&mut self) {
        if let Some(poster) = self.poster.take() {
            poster.post(Message::Finished(self.attempt, Outcome::Crashed));
        }
    }
}
