//! What becomes of a periodic registration when an event of it begins, ends, or comes to nothing.

use std::time::Duration;

use background_sync_registration::{
    AfterPeriodicEvent, Charge, RegistrationState, Series, SyncRegistration, TagId, Wait,
};

use crate::machine::Machine;
use crate::machine::parts::attempts::Subject;
use crate::machine::parts::origins::OriginIx;
use crate::{Detail, EventName, FailureReason, Reason, Status};

impl Machine {
    /// periodic.process.1.3.3.3.3: something fires. A turn counts as a wake-up of the day with its first start: one that
    /// something held, so that nothing was started, takes none away from others.
    pub(in crate::machine) fn periodic_start(&mut self, subject: Subject) {
        let now = self.time.wall();
        let Some(origin) = self.origins.get_mut(subject.origin) else { return };
        let is_first = origin.periodic_mut().started();
        if is_first && self.around.periodic_mut().fired(now, subject.private, &self.rules.params().periodic) {
            // It goes with the commit of the attempt.
            self.journal.note_profile();
            self.write_lazily();
        }
    }

    /// An event is dispatched: whatever becomes of it, its origin has fired.
    pub(in crate::machine) fn periodic_event_dispatched(&mut self, subject: Subject) {
        let now = self.time.wall();
        let Some(origin) = self.origins.get_mut(subject.origin) else { return };
        // periodic.fire.6.7.1, periodic.fire.6.7.2, periodic.fire.6.7.3: the last fire of the origin, written at once and not
        // only when it is done and was a success, so that it survives a crash.
        origin.periodic_mut().fired(now, self.rules.params());
        self.budget_changed(subject.origin);
    }

    /// periodic.fire.6.4: all promises have settled, or the event was cut short (`why`), which counts as a rejection.
    pub(in crate::machine) fn periodic_event_ended(
        &mut self,
        Subject { tag, sequence, origin, .. }: Subject,
        why: Option<FailureReason>,
        excused: bool,
        deferred: Option<Duration>,
    ) {
        let Some(series) = self.registry.registration(tag).map(SyncRegistration::series) else { return };
        let (now, params) = (self.time.now(), self.rules.params());
        // periodic.fire.6.5.1, periodic.fire.6.5.2, periodic.fire.6.6.1: done, and it was a success or it was not.
        let charge = if why.is_some() { params.periodic_charge(series, excused) } else { Charge::Charged };
        let delay = why.and_then(|_| self.rules.periodic_retry(series, charge));
        let delay = delay.map(|delay| delay.max(deferred.unwrap_or(Duration::ZERO)));
        let wait = delay.map(|delay| Wait::starting(now, delay));
        match self.registry.periodic_event_ended(tag, why.is_none(), now, charge, wait) {
            AfterPeriodicEvent::Retried => {
                let details =
                    [delay.map(Detail::NextAttemptDelay), why.map(Detail::FailureReason), Some(Detail::Charge(charge))];
                let details = details.into_iter().flatten().collect();
                self.report(tag, Some(sequence), EventName::SyncEventFailed, details);
            }
            AfterPeriodicEvent::Pending => {
                let status = why.map_or(Status::Succeeded, Status::Failed);
                self.report(tag, Some(sequence), EventName::PeriodicSyncEventEnded, vec![Detail::Status(status)]);
                self.take_turn_of(tag, origin);
            }
            AfterPeriodicEvent::NotFiring => {}
        }
    }

    /// A start came to nothing: free a few times, then a retry less.
    pub(in crate::machine) fn periodic_start_failed(&mut self, subject: Subject, series: Series, reason: Reason) {
        let Subject { tag, sequence, origin, .. } = subject;
        let now = self.time.now();
        let charge = self.rules.params().periodic_charge(series, true);
        let delay = self.rules.periodic_retry(series, charge);
        let Some(registration) = self.registry.registration_mut(tag) else { return };
        let mut details = vec![Detail::Reason(reason), Detail::Charge(charge)];
        match delay {
            Some(delay) => {
                registration.not_started(charge, Some(Wait::starting(now, delay)));
                details.push(Detail::NextAttemptDelay(delay));
                self.report(tag, Some(sequence), EventName::SyncEventNotStarted, details);
            }
            None => {
                registration.periodic_event_is_over(now);
                self.report(tag, Some(sequence), EventName::SyncEventNotStarted, details);
                // The next one is an interval away, as after any other failure.
                self.periodic_event_dispatched(subject);
                self.take_turn_of(tag, origin);
            }
        }
    }

    /// Retries that something held for so long that their turn is over are not made any more.
    pub(in crate::machine) fn end_late_series(&mut self, ix: OriginIx) {
        let now = self.time.now();
        let with_turn = self.origins.get(ix).map(|origin| origin.periodic().with_turn().collect::<Vec<_>>());
        for tag in with_turn.unwrap_or_default() {
            if self.registry.activity(tag).is_some_and(|activity| activity.attempt().is_some()) {
                continue;
            }
            let Some(registration) = self.registry.registration_mut(tag) else { continue };
            if let RegistrationState::Waiting { back_off, .. } = registration.state()
                && !back_off.is_over(now.monotonic)
            {
                // Its time is still to come: the host may have put it off.
                continue;
            }
            let sequence = registration.sequence();
            registration.periodic_event_is_over(now);
            let status = Detail::Status(Status::Failed(FailureReason::NotInTime));
            self.report(tag, Some(sequence), EventName::PeriodicSyncEventEnded, vec![status]);
            self.take_turn_of(tag, ix);
            self.dirty(tag, sequence, false);
        }
    }

    /// A periodic registration of an earlier session goes on.
    pub(in crate::machine) fn take_up_periodic(&mut self, tag: TagId) {
        let Some(record) = self.registry.record(tag) else { return };
        let Some(schedule) = record.registration.and_then(SyncRegistration::schedule) else { return };
        let (now, origin) = (self.time.now(), record.worker.origin());
        if let Some(origin) = self.origins.get_mut(origin) {
            // The clock may have been set back since.
            origin.periodic_mut().kept_mut().registered(schedule.anchor.min(now.wall));
        }
        if let Some(registration) = self.registry.registration_mut(tag) {
            registration.anchor_no_later_than(now);
        }
        self.end_series_of_earlier_session(tag);
    }

    /// A row that was written in the middle of a series: its event may have run when the process died. It is not tried
    /// again before its next turn, and counts as one that has ended now.
    fn end_series_of_earlier_session(&mut self, tag: TagId) {
        let now = self.time.now();
        let Some(record) = self.registry.record(tag) else { return };
        let (origin, registration) = (record.worker.origin(), record.registration);
        let Some(registration) = registration.filter(|registration| !registration.is_untried()) else { return };
        let (sequence, was_firing) = (registration.sequence(), registration.state().is_firing());
        if let Some(registration) = self.registry.registration_mut(tag) {
            registration.periodic_event_is_over(now);
        }
        if was_firing {
            let died = Detail::FailureReason(FailureReason::ProcessDied);
            self.report(tag, Some(sequence), EventName::SyncEventFailed, vec![died]);
            if let Some(origin) = self.origins.get_mut(origin) {
                origin.periodic_mut().fired_in_earlier_session(now.wall, self.rules.params());
            }
            self.budget_changed(origin);
        }
        self.dirty(tag, sequence, false);
    }
}
