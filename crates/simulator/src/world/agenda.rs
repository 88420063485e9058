use std::collections::VecDeque;
use std::time::Duration;

use background_sync::policy::{Origin, RegistrationKey};
use background_sync::registration::{MonotonicTime, Tag};
use background_sync::{AttemptId, Input, NotStarted, Outcome, RequestId, TxnId};

/// Something the world has set in motion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// The store's content arrives.
    Load,
    /// A commit is done.
    Commit(TxnId),
    /// A worker is up.
    Ready(AttemptId),
    /// A worker is not.
    NotStarted(AttemptId, NotStarted),
    /// A handler registers a tag.
    HandlerRegisters(RegistrationKey, Tag),
    /// An event ends.
    EventEnds(AttemptId, Outcome),
    /// A reply reaches its caller.
    Delivered(RequestId),
    /// The caller of a request turns out to be gone.
    Gone(RequestId),
    /// The oracle answers about an origin.
    NetworkAnswer(Origin),
    /// The user answers.
    UserAnswers(AttemptId, bool),
    /// The host has read its service worker registrations.
    WorkersKnown,
    /// A notice arrives that took its time.
    Notice(Box<Input>),
}

/// What will happen, by awake time; for the same moment in the order in which it was put in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Agenda(VecDeque<(MonotonicTime, Due)>);

impl Agenda {
    pub(crate) fn put(&mut self, now: MonotonicTime, delay: Duration, due: Due) {
        let at = now.after(delay);
        let behind = self.0.partition_point(|(other, _)| *other <= at);
        self.0.insert(behind, (at, due));
    }

    pub(crate) fn next(&self) -> Option<MonotonicTime> {
        self.0.front().map(|(at, _)| *at)
    }

    pub(crate) fn pop(&mut self, now: MonotonicTime) -> Option<Due> {
        self.next().filter(|at| *at <= now)?;
        self.0.pop_front().map(|(_, due)| due)
    }

    /// Nothing more comes of an attempt by itself.
    pub(crate) fn forget_attempt(&mut self, attempt: AttemptId) {
        self.0.retain(|(_, due)| match due {
            Due::Ready(other) | Due::NotStarted(other, _) | Due::EventEnds(other, _) | Due::UserAnswers(other, _) => {
                *other != attempt
            }
            Due::Load
            | Due::Commit(_)
            | Due::HandlerRegisters(..)
            | Due::Delivered(_)
            | Due::Gone(_)
            | Due::NetworkAnswer(_)
            | Due::WorkersKnown
            | Due::Notice(_) => true,
        });
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
