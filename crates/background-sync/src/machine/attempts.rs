//! What the host and the clock say about attempts.

use background_sync_registration::{SyncRegistration, Wait};

use super::Machine;
use super::log::About;
use super::settle::End;
use super::state::{AttemptPhase, OriginIx, Timer};
use crate::{AttemptId, EventName, MetadataName, NotStarted, Outcome, Output, TerminateReason, WorkerState};

/// How often a frozen attempt's deadline is looked at again.
const FROZEN_RECHECK: std::time::Duration = std::time::Duration::from_secs(1);

impl Machine {
    /// The worker could not be started.
    pub(super) fn not_started(&mut self, id: AttemptId, reason: NotStarted) {
        let Some(attempt) = self.attempts.get(&id) else { return self.ignore("an unknown attempt did not start") };
        match attempt.phase {
            AttemptPhase::Starting { .. } => {}
            AttemptPhase::AskingUser { .. } | AttemptPhase::Running { .. } | AttemptPhase::Terminating { .. } => {
                return self.ignore("an attempt that was not starting did not start");
            }
        }
        let ix = attempt.worker;
        match reason {
            // It waits until the host says that there is one.
            NotStarted::NoActiveWorker => self.set_worker_state(ix, WorkerState::None),
            NotStarted::StartFailed | NotStarted::Busy | NotStarted::Lost => {}
        }
        self.start_failed(id, &format!("{reason:?}"));
    }

    /// Books a start that came to nothing, and lets the registration wait as after a failure.
    fn start_failed(&mut self, id: AttemptId, reason: &str) {
        let now = self.now();
        let Some(attempt) = self.attempts.get(&id) else { return };
        let (ix, tag, sequence, key) = (attempt.worker, attempt.tag.clone(), attempt.sequence, attempt.key.clone());
        if let Some(series) = self.registration_of(attempt).map(SyncRegistration::series) {
            let charge = self.params.charge_of_start(series);
            // Free ones count for the delay: a worker that never starts is tried less and less often.
            let failures = series.attempts.saturating_add(series.free_in_a_row).saturating_add(1);
            let delay = self.params.back_off(failures, &mut self.jitter);
            let registration = self.workers.get_mut(&ix).and_then(|worker| worker.list.get_by_sequence_mut(sequence));
            if let Some(registration) = registration {
                registration.not_started(charge, Some(Wait::starting(now, delay)));
            }
            let metadata = vec![
                (MetadataName::Reason, reason.to_owned()),
                (MetadataName::NextAttemptDelay, delay.as_millis().to_string()),
                (MetadataName::Charge, format!("{charge:?}")),
            ];
            self.report(
                About { key: &key, tag: &tag, instance: Some(sequence) },
                EventName::SyncEventNotStarted,
                metadata,
            );
        }
        if let Some(worker) = self.workers.get_mut(&ix) {
            // A page that registers the tag again and again waits a second all the same.
            worker.recent_ends.note(&tag, now.monotonic, self.params.min_refire_spacing);
        }
        self.release(id);
    }

    /// An event ended.
    pub(super) fn finished(&mut self, id: AttemptId, outcome: Outcome) {
        let Some(attempt) = self.attempts.get(&id) else { return self.ignore("an unknown attempt finished") };
        match attempt.phase {
            AttemptPhase::Running { .. } => {
                self.settle(id, outcome.into());
                self.release(id);
            }
            // What it decides is decided already; now its tag is free.
            AttemptPhase::Terminating { .. } => self.release(id),
            AttemptPhase::AskingUser { .. } | AttemptPhase::Starting { .. } => {
                self.ignore("an attempt finished that was not dispatched");
            }
        }
    }

    /// The deadline of an attempt has come.
    pub(super) fn attempt_deadline(&mut self, id: AttemptId) {
        let now = self.monotonic();
        let Some(attempt) = self.attempts.get(&id) else { return };
        if self.frozen_at.is_some() {
            // A host that freezes us and still asks: caps stand still until it is thawed.
            return self.timers.set(Timer::Attempt(id), now.after(FROZEN_RECHECK));
        }
        match attempt.phase {
            AttemptPhase::AskingUser { .. } => self.answered(id, false),
            // The worker is there: what took so long is the store, or calls on their way to it.
            AttemptPhase::Starting { ready: Some(_), .. } => self.abandon(id),
            AttemptPhase::Starting { ready: None, .. } => {
                self.emit(Output::Abandon { attempt: id });
                self.start_failed(id, "the worker took too long to start");
            }
            AttemptPhase::Running { .. } => self.time_out(id),
            AttemptPhase::Terminating { .. } => {
                self.ignore("the host never said that a terminated event has ended");
                self.release(id);
            }
        }
    }

    /// sync.limit, sync.privacy.location: the event has run as long as it may. What else runs in that
    /// worker ends with it and cannot help it.
    fn time_out(&mut self, id: AttemptId) {
        let Some(worker) = self.attempts.get(&id).map(|attempt| attempt.worker) else { return };
        self.settle(id, End::TimedOut);
        self.emit(Output::Terminate { attempt: id, reason: TerminateReason::Timeout });
        self.interrupt(|attempt| attempt.worker == worker);
    }

    /// Whatever runs now may fail without being charged.
    pub(super) fn interrupt_running(&mut self) {
        self.interrupt(|_| true);
    }

    pub(super) fn interrupt_running_of(&mut self, origin: OriginIx) {
        self.interrupt(|attempt| attempt.origin == origin);
    }

    fn interrupt(&mut self, which: impl Fn(&super::state::Attempt) -> bool) {
        for attempt in self.attempts.values_mut().filter(|attempt| which(attempt)) {
            if let AttemptPhase::Running { interrupted, .. } = &mut attempt.phase {
                *interrupted = true;
            }
        }
    }

    /// The last window of an origin closed some time ago while its events run: their rest is background time.
    pub(super) fn budget_running(&mut self, origin_ix: OriginIx) {
        let (wall, now) = (self.wall(), self.cap_time());
        if !self.params.limits_background() {
            return;
        }
        let mut booked = false;
        let Some(origin) = self.origins.get_mut(&origin_ix) else { return };
        for (id, attempt) in self.attempts.iter_mut().filter(|(_, attempt)| attempt.origin == origin_ix) {
            if let AttemptPhase::Running { deadline, background_since: since @ None, .. } = &mut attempt.phase {
                let left = deadline.since(now);
                let (ticket, granted) = origin.budget.book_rest(wall, left, attempt.last_chance, &self.params);
                attempt.ticket = Some(ticket);
                *since = Some(now);
                *deadline = now.after(granted);
                self.timers.set(Timer::Attempt(*id), *deadline);
                booked = true;
            }
        }
        if booked {
            self.budget_changed(origin_ix);
        }
    }

    /// A window is open again while events run: they no longer cost background time, and what closing cut off
    /// theirs is given back.
    pub(super) fn seen_again(&mut self, origin_ix: OriginIx) {
        let now = self.cap_time();
        let mut settled = false;
        let Some(origin) = self.origins.get_mut(&origin_ix) else { return };
        for (id, attempt) in self.attempts.iter_mut().filter(|(_, attempt)| attempt.origin == origin_ix) {
            if let AttemptPhase::Running { deadline, announced, background_since, .. } = &mut attempt.phase
                && let Some(since) = background_since.take()
            {
                if let Some(ticket) = attempt.ticket.take() {
                    origin.budget.settle(ticket, now.since(since));
                    settled = true;
                }
                *deadline = *announced;
                self.timers.set(Timer::Attempt(*id), *deadline);
            }
        }
        if settled {
            self.budget_changed(origin_ix);
        }
    }

    /// A budget is written with the next commit, and whoever waits for it looks again.
    pub(super) fn budget_changed(&mut self, ix: OriginIx) {
        let Some(origin) = self.origins.get_mut(&ix) else { return };
        if !origin.partition.is_private() {
            origin.budget_stored = true;
            let name = (origin.partition, origin.origin.clone());
            self.journal.forgotten_budgets.retain(|forgotten| *forgotten != name);
            self.journal.budgets.insert(ix);
            self.write_lazily();
        }
        self.place_for_wake(ix);
        self.recheck_origin(ix);
    }
}
