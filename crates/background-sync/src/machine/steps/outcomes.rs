//! How an event ends, and what that does to its registration.

use std::time::Duration;

#[cfg(feature = "periodic")]
use background_sync_policy::SyncKind;
use background_sync_registration::{AfterFulfilment, AfterRejection, Charge, Wait};

use crate::machine::Machine;
use crate::machine::parts::attempts::Subject;
use crate::machine::parts::time::Timer;
use crate::{AttemptId, Detail, EventName, FailureReason, Outcome, Status};

/// A host that was asked to end an event and says nothing gets this long.
const TERMINATION_GRACE: Duration = Duration::from_secs(30);

/// How an event ended, as far as its registration is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::machine) enum End {
    /// All promises are fulfilled.
    Fulfilled,
    /// One was rejected.
    Rejected,
    /// The host ended it.
    Terminated,
    /// Its worker died.
    Crashed,
    /// It reached its execution cap.
    TimedOut,
    /// The engine shuts down.
    Shutdown,
    /// The host wants another attempt later.
    Deferred(Duration),
}

impl Machine {
    /// The event of a running attempt is decided, and the attempt stays until the host says that it has ended, or
    /// has had its time for that.
    pub(in crate::machine) fn settle(&mut self, id: AttemptId, end: End) {
        self.time.set(Timer::Attempt(id), self.time.cap_time().after(TERMINATION_GRACE));
        self.book_end(id, end);
    }

    /// The event of a running attempt has ended, whatever the attempt itself does from now on. Books
    /// its time and moves its registration. The attempt stays; [`Machine::release`] lets it go.
    pub(in crate::machine) fn book_end(&mut self, id: AttemptId, end: End) {
        let (now, cap_time) = (self.time.monotonic(), self.time.cap_time());
        let Some(ended) = self.attempts.end(id, cap_time, cap_time.after(TERMINATION_GRACE)) else { return };
        let subject = ended.subject;
        if let (Some((ticket, used)), Some(origin)) = (ended.used, self.origins.get_mut(subject.origin)) {
            origin.budget_mut(subject.kind).settle(ticket, used);
            self.budget_changed(subject.origin);
        }
        self.registry.event_ended(subject.tag, now, self.rules.params());
        // An event of a registration that is gone, or whose tag another one has taken, decides nothing.
        if self.registry.of_sequence(subject.tag, subject.sequence).is_none() {
            return;
        }
        let excused = ended.interrupted && ended.cut_short;
        #[cfg(feature = "periodic")]
        if subject.kind == SyncKind::Periodic {
            let excused = excused || end.is_free_if_cut(ended.cut_short);
            let deferred = end.deferred().map(|by| by.min(self.rules.params().max_deferral));
            self.periodic_event_ended(subject, end.failure(), excused, deferred);
            return self.dirty(subject.tag, subject.sequence, false);
        }
        match end {
            End::Fulfilled => self.fulfilled(subject),
            End::Rejected => self.failed(subject, FailureReason::Rejected, excused, None),
            End::Terminated => self.failed(subject, FailureReason::Terminated, excused, None),
            End::Crashed => self.failed(subject, FailureReason::Crashed, excused, None),
            // Out of time before its own cap: it was cut to what background time was left.
            End::TimedOut => self.failed(subject, FailureReason::TimedOut, ended.cut_short, None),
            End::Shutdown => self.failed(subject, FailureReason::Shutdown, ended.cut_short, None),
            End::Deferred(by) => {
                let by = by.min(self.rules.params().max_deferral);
                self.failed(subject, FailureReason::Deferred, ended.cut_short, Some(by));
            }
        }
        // One that is still there stays held by its attempt until that is released.
        if self.registry.registration(subject.tag).is_none() {
            self.file(subject.tag);
        }
        self.dirty(subject.tag, subject.sequence, false);
    }

    /// sync.fire.5.1, sync.fire.5.2: all promises are fulfilled.
    fn fulfilled(&mut self, Subject { tag, sequence, .. }: Subject) {
        match self.registry.fulfilled(tag, self.time.now()) {
            AfterFulfilment::Removed => {
                self.uncount_unless_asked(tag);
                self.report(tag, Some(sequence), EventName::SyncCompleted, vec![Detail::Status(Status::Succeeded)]);
            }
            AfterFulfilment::PendingAgain => {
                self.report(tag, Some(sequence), EventName::SyncEventReregistered, Vec::new());
            }
            AfterFulfilment::NotFiring => {}
        }
    }

    /// sync.fire.5.3: a promise was rejected, or the event was cut short.
    fn failed(
        &mut self,
        Subject { tag, sequence, .. }: Subject,
        why: FailureReason,
        excused: bool,
        deferred: Option<Duration>,
    ) {
        let Some(registration) = self.registry.registration(tag) else { return };
        let now = self.time.now();
        let series = registration.series();
        let charge = self.rules.params().charge(series, excused);
        let attempts = series.attempts.saturating_add(u32::from(charge == Charge::Charged));
        let delay = self.rules.back_off(attempts).max(deferred.unwrap_or(Duration::ZERO));
        let after = self.registry.rejected(tag, now, charge, Wait::starting(now, delay), deferred.is_some());
        match after {
            AfterRejection::Waiting => {
                let metadata = vec![
                    Detail::NextAttemptDelay(delay),
                    Detail::FailureReason(why),
                    Detail::Charge(charge),
                    Detail::Attempts(attempts),
                ];
                self.report(tag, Some(sequence), EventName::SyncEventFailed, metadata);
            }
            // I6: it was told that this was the last chance.
            AfterRejection::Removed => {
                self.uncount_unless_asked(tag);
                let status = vec![Detail::Status(Status::Failed(why))];
                self.report(tag, Some(sequence), EventName::SyncCompleted, status);
            }
            AfterRejection::PendingAgain => {
                self.report(tag, Some(sequence), EventName::SyncEventReregistered, Vec::new());
            }
            AfterRejection::NotFiring => {}
        }
    }
}

#[cfg(feature = "periodic")]
impl End {
    /// Why it is a failure, if it is one.
    fn failure(self) -> Option<FailureReason> {
        match self {
            Self::Fulfilled => None,
            Self::Rejected => Some(FailureReason::Rejected),
            Self::Terminated => Some(FailureReason::Terminated),
            Self::Crashed => Some(FailureReason::Crashed),
            Self::TimedOut => Some(FailureReason::TimedOut),
            Self::Shutdown => Some(FailureReason::Shutdown),
            Self::Deferred(_) => Some(FailureReason::Deferred),
        }
    }

    /// How long the host asked to wait.
    fn deferred(self) -> Option<Duration> {
        match self {
            Self::Deferred(by) => Some(by),
            Self::Fulfilled | Self::Rejected | Self::Terminated | Self::Crashed | Self::TimedOut | Self::Shutdown => {
                None
            }
        }
    }

    /// Whether an event that had time of its own left could not help that it ended.
    fn is_free_if_cut(self, cut_short: bool) -> bool {
        match self {
            Self::TimedOut | Self::Shutdown | Self::Deferred(_) => cut_short,
            Self::Fulfilled | Self::Rejected | Self::Terminated | Self::Crashed => false,
        }
    }
}

impl From<Outcome> for End {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Fulfilled => Self::Fulfilled,
            Outcome::Rejected => Self::Rejected,
            Outcome::Terminated => Self::Terminated,
            Outcome::Crashed => Self::Crashed,
            Outcome::Deferred(by) => Self::Deferred(by),
        }
    }
}
