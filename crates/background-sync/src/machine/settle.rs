//! How an event ends, and what that does to its registration.

use std::time::Duration;

use background_sync_registration::{AfterFulfilment, AfterRejection, Charge, Now, SyncRegistration, Wait};

use super::Machine;
use super::log::About;
use super::state::{AttemptPhase, Timer};
use crate::{AttemptId, EventName, MetadataName, Outcome};

impl Machine {
    /// The event of a running attempt has ended, whatever the attempt itself does from now on. Books
    /// its time and moves its registration. The attempt stays; [`Machine::release`] lets it go.
    pub(super) fn settle(&mut self, id: AttemptId, end: End) {
        let (now, cap_time) = (self.now(), self.cap_time());
        let Some(attempt) = self.attempts.get_mut(&id) else { return };
        let AttemptPhase::Running { background_since, interrupted, own_cap, .. } = attempt.phase else { return };
        // What has used up its own cap is charged, whatever else ended with it.
        let cut_short = cap_time < own_cap;
        attempt.phase = AttemptPhase::Terminating { deadline: cap_time.after(TERMINATION_GRACE) };
        self.timers.set(Timer::Attempt(id), cap_time.after(TERMINATION_GRACE));
        let (ix, tag, origin_ix) = (attempt.worker, attempt.tag.clone(), attempt.origin);
        if let (Some(ticket), Some(since), Some(origin)) =
            (attempt.ticket.take(), background_since, self.origins.get_mut(&origin_ix))
        {
            origin.budget.settle(ticket, cap_time.since(since));
            self.budget_changed(origin_ix);
        }
        if let Some(worker) = self.workers.get_mut(&ix) {
            worker.breaker.event_ended(now.monotonic);
            worker.recent_ends.note(&tag, now.monotonic, self.params.min_refire_spacing);
        }
        match end {
            End::Fulfilled => self.fulfilled(id, now),
            End::Rejected | End::Terminated | End::Crashed => {
                self.failed(id, now, end, interrupted && cut_short, None);
            }
            // Out of time before its own cap: it was cut to what background time was left.
            End::TimedOut | End::Shutdown => self.failed(id, now, end, cut_short, None),
            End::Deferred(by) => self.failed(id, now, end, cut_short, Some(by.min(self.params.max_deferral))),
        }
    }

    /// sync.fire.5.1, sync.fire.5.2: all promises are fulfilled.
    fn fulfilled(&mut self, id: AttemptId, now: Now) {
        let Some(attempt) = self.attempts.get(&id) else { return };
        if self.registration_of(attempt).is_none() {
            return;
        }
        let (ix, tag, sequence, key) = (attempt.worker, attempt.tag.clone(), attempt.sequence, attempt.key.clone());
        let Some(worker) = self.workers.get_mut(&ix) else { return };
        let after = worker.list.fulfilled(&tag, now);
        let about = About { key: &key, tag: &tag, instance: Some(sequence) };
        match after {
            AfterFulfilment::Removed => {
                self.uncount_unless_asked(ix, &tag);
                self.report(about, EventName::SyncCompleted, vec![(MetadataName::Status, "succeeded".to_owned())]);
            }
            AfterFulfilment::PendingAgain => self.report(about, EventName::SyncEventReregistered, Vec::new()),
            AfterFulfilment::NotFiring => {}
        }
        self.place(ix, sequence);
        self.dirty(ix, &tag, sequence, false);
    }

    /// sync.fire.5.3: a promise was rejected, or the event was cut short.
    fn failed(&mut self, id: AttemptId, now: Now, end: End, excused: bool, deferred: Option<Duration>) {
        let Some(attempt) = self.attempts.get(&id) else { return };
        let Some(series) = self.registration_of(attempt).map(SyncRegistration::series) else {
            return;
        };
        let (ix, tag, sequence, key) = (attempt.worker, attempt.tag.clone(), attempt.sequence, attempt.key.clone());
        let charge = self.params.charge(series, excused);
        let attempts = series.attempts.saturating_add(u32::from(charge == Charge::Charged));
        let delay = self.params.back_off(attempts, &mut self.jitter).max(deferred.unwrap_or(Duration::ZERO));
        let Some(worker) = self.workers.get_mut(&ix) else { return };
        let after = worker.list.rejected(&tag, now, charge, Wait::starting(now, delay), deferred.is_some());
        let about = About { key: &key, tag: &tag, instance: Some(sequence) };
        let reason = end.reason().to_owned();
        match after {
            AfterRejection::Waiting => {
                let metadata = vec![
                    (MetadataName::NextAttemptDelay, delay.as_millis().to_string()),
                    (MetadataName::FailureReason, reason),
                    (MetadataName::Charge, format!("{charge:?}")),
                    (MetadataName::Attempts, attempts.to_string()),
                ];
                self.report(about, EventName::SyncEventFailed, metadata);
            }
            // I6: it was told that this was the last chance.
            AfterRejection::Removed => {
                self.uncount_unless_asked(ix, &tag);
                self.report(about, EventName::SyncCompleted, vec![(MetadataName::Status, reason)]);
            }
            AfterRejection::PendingAgain => self.report(about, EventName::SyncEventReregistered, Vec::new()),
            AfterRejection::NotFiring => {}
        }
        self.place(ix, sequence);
        self.dirty(ix, &tag, sequence, false);
    }

    /// A registration left the list. If a call for its tag is on its way it comes back.
    pub(super) fn uncount_unless_asked(&mut self, ix: super::state::WorkerIx, tag: &background_sync_registration::Tag) {
        let asked = self
            .workers
            .get(&ix)
            .and_then(|worker| worker.activities.get(tag))
            .is_some_and(|activity| !activity.asks.is_empty());
        if !asked {
            self.count_registration(ix, tag, -1);
        }
    }

    /// The attempt is over for good: its tag and its place are free again.
    pub(super) fn release(&mut self, id: AttemptId) {
        let Some(attempt) = self.attempts.remove(&id) else { return };
        self.timers.cancel(Timer::Attempt(id));
        if let Some(origin) = self.origins.get_mut(&attempt.origin) {
            origin.attempts = origin.attempts.saturating_sub(1);
            self.rotation.join(attempt.origin);
            if let Some(ticket) = attempt.ticket {
                // It was booked and never dispatched.
                origin.budget.cancel(ticket);
                self.budget_changed(attempt.origin);
            }
            self.place_for_wake(attempt.origin);
        }
        let Some(worker) = self.workers.get_mut(&attempt.worker) else { return };
        if let Some(activity) = worker.activities.get_mut(&attempt.tag)
            && activity.attempt == Some(id)
        {
            activity.attempt = None;
        }
        if let AttemptPhase::Starting { .. } = attempt.phase {
            // Whatever was written about it is no longer so.
            // I6: in the store a last chance counts as told, so a crash must not find it there.
            self.dirty(attempt.worker, &attempt.tag, attempt.sequence, attempt.last_chance);
        }
        self.place_tag(attempt.worker, &attempt.tag);
        if self.workers.get(&attempt.worker).is_some_and(|worker| worker.closed) {
            self.forget_worker(attempt.worker);
        }
    }
}

/// A host that was asked to end an event and says nothing gets this long.
const TERMINATION_GRACE: Duration = Duration::from_secs(30);

/// How an event ended, as far as its registration is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
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

impl End {
    /// The words `DevTools` uses, where it has any.
    fn reason(self) -> &'static str {
        match self {
            Self::Fulfilled => "succeeded",
            Self::Rejected => "waitUntil rejected",
            Self::Terminated => "aborted",
            Self::Crashed => "failed",
            Self::TimedOut => "timeout",
            Self::Shutdown => "shutdown",
            Self::Deferred(_) => "deferred",
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
