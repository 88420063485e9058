//! What the host and the clock say about attempts.

#[cfg(feature = "periodic")]
use background_sync_policy::SyncKind;
use background_sync_registration::{SyncRegistration, Wait};

use crate::machine::Machine;
use crate::machine::parts::attempts::AttemptPhase;
use crate::machine::parts::time::Timer;
use crate::machine::steps::outcomes::End;
use crate::{AttemptId, Detail, EventName, Ignored, NotStarted, Outcome, Output, Reason, TerminateReason, WorkerState};

/// How often a frozen attempt's deadline is looked at again.
const FROZEN_RECHECK: std::time::Duration = std::time::Duration::from_secs(1);

impl Machine {
    /// The worker could not be started.
    pub(in crate::machine) fn not_started(&mut self, id: AttemptId, reason: NotStarted) {
        let Some(attempt) = self.attempts.get(id) else { return self.ignore(Ignored::NotStartedUnknown) };
        if !attempt.is_starting() {
            return self.ignore(Ignored::NotStartedTooLate);
        }
        match reason {
            // It waits until the host says that there is one.
            NotStarted::NoActiveWorker => self.set_worker_state(attempt.subject().worker, WorkerState::None),
            NotStarted::StartFailed | NotStarted::Busy | NotStarted::Lost => {}
        }
        self.start_failed(id, Reason::NotStarted(reason));
    }

    /// Books a start that came to nothing, and lets the registration wait as after a failure.
    fn start_failed(&mut self, id: AttemptId, reason: Reason) {
        let now = self.time.now();
        let Some(attempt) = self.attempts.get(id) else { return };
        let subject = attempt.subject();
        let series = self.registration_of(attempt).map(SyncRegistration::series);
        #[cfg(feature = "periodic")]
        if let (Some(series), SyncKind::Periodic) = (series, subject.kind) {
            self.periodic_start_failed(subject, series, reason);
            return self.release(id);
        }
        if let Some(series) = series {
            let charge = self.rules.params().charge_of_start(series);
            let delay = self.rules.back_off_of_start(series);
            if let Some(registration) = self.registry.registration_mut(subject.tag) {
                registration.not_started(charge, Some(Wait::starting(now, delay)));
            }
            let metadata = vec![Detail::Reason(reason), Detail::NextAttemptDelay(delay), Detail::Charge(charge)];
            self.report(subject.tag, Some(subject.sequence), EventName::SyncEventNotStarted, metadata);
        }
        self.registry.attempt_ended(subject.tag, now.monotonic, self.rules.params());
        self.release(id);
    }

    /// An event ended.
    pub(in crate::machine) fn finished(&mut self, id: AttemptId, outcome: Outcome) {
        let Some(attempt) = self.attempts.get(id) else { return self.ignore(Ignored::FinishedUnknown) };
        match attempt.phase() {
            AttemptPhase::Running(_) => {
                self.book_end(id, outcome.into());
                self.release(id);
            }
            // What it decides is decided already; now its tag is free.
            AttemptPhase::Terminating { .. } => self.release(id),
            AttemptPhase::AskingUser { .. } | AttemptPhase::Starting { .. } => {
                self.ignore(Ignored::FinishedTooEarly);
            }
        }
    }

    /// The deadline of an attempt has come.
    pub(in crate::machine) fn attempt_deadline(&mut self, id: AttemptId) {
        let Some(attempt) = self.attempts.get(id) else { return };
        if self.time.is_frozen() {
            // A host that freezes us and still asks: caps stand still until it is thawed.
            return self.time.set_in(Timer::Attempt(id), FROZEN_RECHECK);
        }
        match attempt.phase() {
            AttemptPhase::AskingUser { .. } => self.answered(id, false),
            // The worker is there: what took so long is the store, or calls on their way to it.
            AttemptPhase::Starting { ready: Some(_), .. } => self.abandon(id),
            AttemptPhase::Starting { ready: None, .. } => {
                self.out.emit(Output::Abandon { attempt: id });
                self.start_failed(id, Reason::TookTooLong);
            }
            AttemptPhase::Running(_) => self.time_out(id),
            AttemptPhase::Terminating { .. } => {
                self.ignore(Ignored::NeverEnded);
                self.release(id);
            }
        }
    }

    /// sync.limit, sync.privacy.location: the event has run as long as it may. What else runs in that
    /// worker ends with it and cannot help it.
    fn time_out(&mut self, id: AttemptId) {
        let Some(worker) = self.attempts.get(id).map(|attempt| attempt.subject().worker) else { return };
        self.settle(id, End::TimedOut);
        self.out.emit(Output::Terminate { attempt: id, reason: TerminateReason::Timeout });
        self.attempts.interrupt(|subject| subject.worker == worker);
    }

    /// The attempt is over for good: its tag and its place are free again.
    pub(in crate::machine) fn release(&mut self, id: AttemptId) {
        let Some(attempt) = self.attempts.remove(id) else { return };
        let subject = attempt.subject();
        self.time.cancel(Timer::Attempt(id));
        subject.origin.lanes().into_iter().for_each(|lane| self.origins.join(lane));
        if let (Some(ticket), Some(origin)) = (attempt.ticket(), self.origins.get_mut(subject.origin)) {
            // It was booked and never dispatched.
            origin.budget_mut(subject.kind).cancel(ticket);
            self.budget_changed(subject.origin);
        }
        self.file_origin_for_wake(subject.origin);
        if let Some(activity) = self.registry.activity_mut(subject.tag) {
            activity.attempt_ends(id);
        }
        if attempt.is_starting() {
            // Whatever was written about it is no longer so.
            // I6: in the store a last chance counts as told, so a crash must not find it there.
            self.dirty(subject.tag, subject.sequence, attempt.last_chance());
        }
        self.look_again(subject.tag);
        if self.registry.worker(subject.worker).is_some_and(|worker| worker.is_closed()) {
            self.forget_worker(subject.worker);
        }
    }
}
