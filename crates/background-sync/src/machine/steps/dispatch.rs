//! The second phase: the worker runs, the attempt is durable; is everything still as it was?

use std::time::Duration;

use background_sync_policy::{Facts, SyncKind, UserSwitch, WorkerState};
use background_sync_registration::RegistrationState;
use background_sync_scheduler::{LastChance, NetworkCost, NetworkState, OriginReach};

use crate::machine::Machine;
use crate::machine::parts::attempts::{Attempt, Readiness, Subject};
use crate::machine::parts::outbox::Details;
use crate::machine::parts::time::Timer;
use crate::machine::steps::removal::Removal;
use crate::{AttemptId, Detail, EventName, Ignored, Obstacle, Output, Reason, SyncEventInit, TxnId};

impl Machine {
    /// The worker runs.
    pub(in crate::machine) fn ready(&mut self, id: AttemptId, facts: Facts, network: NetworkState) {
        let Some(attempt) = self.attempts.get(id) else { return self.ignore(Ignored::ReadyUnknown) };
        let subject = attempt.subject();
        let (windows, restriction) = (facts.windows, facts.restriction);
        let (general_epoch, cost) = (self.around.link().epoch(), NetworkCost::of(&network));
        if !self.attempts.ready(id, Readiness { network, general_epoch }) {
            return self.ignore(Ignored::ReadyTooLate);
        }
        self.note_windows_of(subject.origin, windows);
        self.restriction_changed(restriction);
        self.note_cost(subject.origin, cost);
        match self.refused_by_host(subject, &facts) {
            Some(obstacle) => self.give_way(id, obstacle),
            None => self.dispatch_if_ready(id),
        }
    }

    /// What the host says of the registration at this moment. It counts now: when the attempt is durable there may have
    /// been newer words.
    fn refused_by_host(&self, subject: Subject, facts: &Facts) -> Option<Obstacle> {
        self.registry.of_sequence(subject.tag, subject.sequence)?;
        let kind = self.registry.kind_of(subject.tag)?;
        match facts.worker {
            WorkerState::NoSuchRegistration => return Some(Obstacle::Unregistered),
            WorkerState::NotLoaded => return Some(Obstacle::WorkerNotLoaded),
            WorkerState::None | WorkerState::Activating => return Some(Obstacle::NoActiveWorker),
            WorkerState::Active => {}
        }
        if facts.switch == UserSwitch::Off {
            return Some(Obstacle::SwitchedOff);
        }
        (!kind.is_allowed(facts.permission)).then_some(Obstacle::Revoked)
    }

    /// I5: the attempt is durable.
    pub(in crate::machine) fn attempt_written(&mut self, id: AttemptId, txn: TxnId) {
        if self.attempts.durable(id, txn) {
            self.dispatch_if_ready(id);
        }
    }

    /// Dispatches or abandons, once worker, attempt and every call made before are in place.
    pub(in crate::machine) fn dispatch_if_ready(&mut self, id: AttemptId) {
        let Some(said) = self.attempts.can_dispatch(id) else { return };
        let Some(attempt) = self.attempts.get(id) else { return };
        if self.is_asked(attempt.subject().tag) && self.registration_of(attempt).is_some() {
            return;
        }
        let general_epoch = said.general_epoch;
        match self.obstacle(attempt, &said.network) {
            None => self.dispatch(id),
            Some(Obstacle::Offline) => self.give_way_to_the_network(id, general_epoch),
            Some(obstacle) => self.give_way(id, obstacle),
        }
    }

    fn obstacle(&self, attempt: &Attempt, network: &NetworkState) -> Option<Obstacle> {
        let (now, params) = (self.time.monotonic(), self.rules.params());
        let Some(registration) = self.registration_of(attempt) else { return Some(Obstacle::Gone) };
        // sync.fire.1: it is pending; anything else means that it is not this attempt's any more.
        let RegistrationState::Pending { .. } = registration.state() else { return Some(Obstacle::Gone) };
        // I6: a call that joined it made it younger, or it has aged meanwhile.
        let last_chance = self.is_last_chance(registration);
        if last_chance != attempt.last_chance() {
            return Some(Obstacle::OtherPromise);
        }
        let kind = self.registry.kind_of(attempt.subject().tag)?;
        if self.around.switch(kind) == UserSwitch::Off {
            return Some(Obstacle::SwitchedOff);
        }
        // What the host said of it was noted when the worker was ready, and there may have been a word since.
        if self.around.is_restricted() {
            return Some(Obstacle::SystemRestricted);
        }
        if !network.is_online() || !self.around.link().is_online(now) {
            return Some(Obstacle::Offline);
        }
        // periodic.privacy.history: by parameter, only the network it was registered on will do.
        let mode = params.network_mode;
        if self.around.belongs_elsewhere(registration, None, mode) || self.around.must_ask(registration, mode) {
            return Some(Obstacle::OtherNetwork);
        }
        let condition = self.condition_in_the_way(attempt.subject().origin, kind, registration);
        if condition.is_some() {
            return condition;
        }
        if self.time.is_suspended() {
            return Some(Obstacle::Suspended);
        }
        let origin = self.origins.get(attempt.subject().origin)?;
        #[cfg(feature = "periodic")]
        if kind == SyncKind::Periodic && origin.periodic().kept().suspended().is_some() {
            return Some(Obstacle::OriginSuspended);
        }
        if origin.reach(self.around.link().epoch()) == OriginReach::Offline {
            return Some(Obstacle::Offline);
        }
        let least = params.least_event(kind, registration.series(), last_chance).max(Duration::from_nanos(1));
        let booked = attempt.ticket().is_some_and(|ticket| origin.budget(kind).booked(ticket) >= least);
        if origin.pays(kind, now, params) && !booked {
            return Some(Obstacle::NotBooked);
        }
        let too_short = self.wake.budget().wait(now, least).is_some();
        (too_short && origin.in_background(now, params.background_grace)).then_some(Obstacle::WakeUpTooShort)
    }

    fn dispatch(&mut self, id: AttemptId) {
        let (now, observed, params) = (self.time.now(), self.time.observed(), self.rules.params());
        let Some(attempt) = self.attempts.get(id) else { return };
        let (subject, last_chance) = (attempt.subject(), attempt.last_chance());
        let Some(origin) = self.origins.get_mut(subject.origin) else { return };
        let Some(tag) = self.registry.tag(subject.tag).cloned() else { return };
        let Some(registration) = self.registry.registration_mut(subject.tag) else { return };
        let (kind, series) = (subject.kind, registration.series());
        let because = params.why_last_chance(series, registration.registered(), observed);
        // sync.fire.4: firing, before the worker sees the event. It was pending a moment ago.
        let fired = registration.fire(last_chance);
        debug_assert_eq!(fired, Ok(()), "the obstacle check saw it pending");
        self.registry.event_dispatched(subject.worker, now.monotonic, params);
        let background = origin.in_background(now.monotonic, params.background_grace);
        let paid = origin.pays(kind, now.monotonic, params) || background;
        let most = params.longest_event(kind, series, last_chance);
        // The obstacle check saw the booking, and that there is time.
        let ticket = attempt.ticket().filter(|_| paid);
        let booked = ticket.map_or(most, |ticket| origin.budget(kind).booked(ticket));
        let cap = self.wake.budget().left(now.monotonic).filter(|_| background).map_or(booked, |left| booked.min(left));
        let unneeded = self.attempts.dispatch(id, now.monotonic, cap, most, paid);
        if let Some(ticket) = unneeded {
            origin.budget_mut(kind).cancel(ticket);
            self.budget_changed(subject.origin);
        } else if let Some(ticket) = ticket.filter(|_| cap < booked) {
            origin.budget_mut(kind).cut(ticket, cap);
            self.budget_changed(subject.origin);
        }
        self.time.set(Timer::Attempt(id), now.monotonic.after(cap));
        self.out.dispatched();
        self.wake.something_happened();
        // sync.fire.5, with sync.fire.5.tag and sync.fire.5.lastChance; periodic.fire.6.3, with periodic.event.tag. The
        // attempt that runs is what periodic.fire.6.1 and periodic.fire.6.2 say of it: not done, and no success yet.
        let event = SyncEventInit { kind, tag, last_chance };
        self.out.emit(Output::Dispatch { attempt: id, event, cap, background });
        let details = match kind {
            SyncKind::OneShot => last_chance_details(because),
            SyncKind::Periodic => Details::new(),
        };
        #[cfg(feature = "periodic")]
        if kind == SyncKind::Periodic {
            self.periodic_event_dispatched(subject);
        }
        self.report(subject.tag, Some(subject.sequence), EventName::DispatchedSyncEvent, details);
    }

    /// It was online when it started. If only for this origin it no longer is, the next notice tells; but what was said
    /// before the last notice in general says nothing of the network that is there now.
    fn give_way_to_the_network(&mut self, id: AttemptId, general_epoch: u64) {
        let link = self.around.link();
        let is_of_now = link.is_online(self.time.monotonic()) && link.epoch() == general_epoch;
        let origin = self.attempts.get(id).map(|attempt| attempt.subject().origin).filter(|_| is_of_now);
        if let Some(ix) = origin {
            self.origins.found_offline(ix, general_epoch);
        }
        self.give_way(id, Obstacle::Offline);
    }

    /// A call made the promise young again: what this start would be told is no longer so.
    pub(in crate::machine) fn give_way_to_another_promise(&mut self, id: AttemptId) {
        self.give_way(id, Obstacle::OtherPromise);
    }

    /// Abandons a start and does what the obstacle asks for.
    fn give_way(&mut self, id: AttemptId, obstacle: Obstacle) {
        let Some(attempt) = self.attempts.get(id) else { return };
        let subject = attempt.subject();
        let kind = self.registry.kind_of(subject.tag).unwrap_or(SyncKind::OneShot);
        let why = vec![Detail::Reason(Reason::Obstacle(obstacle))];
        self.report(subject.tag, Some(subject.sequence), EventName::SyncEventNotStarted, why);
        match obstacle {
            Obstacle::Unregistered => {
                self.abandon(id);
                self.set_worker_state(subject.worker, WorkerState::NoSuchRegistration);
            }
            Obstacle::NoActiveWorker => {
                self.set_worker_state(subject.worker, WorkerState::None);
                self.abandon(id);
            }
            Obstacle::WorkerNotLoaded => {
                self.set_worker_state(subject.worker, WorkerState::NotLoaded);
                self.abandon(id);
            }
            Obstacle::Revoked => {
                self.abandon(id);
                self.remove_origin(subject.origin, kind, Removal::Revoked);
            }
            Obstacle::SwitchedOff => {
                self.abandon(id);
                self.remove_origin(subject.origin, kind, Removal::SwitchedOff);
            }
            Obstacle::Gone
            | Obstacle::Offline
            | Obstacle::OtherPromise
            | Obstacle::OtherNetwork
            | Obstacle::Metered
            | Obstacle::Roaming
            | Obstacle::NotCharging
            | Obstacle::BatteryLow
            | Obstacle::SystemRestricted
            | Obstacle::NotBooked
            | Obstacle::WakeUpTooShort
            | Obstacle::Suspended => self.abandon(id),
            Obstacle::OriginSuspended => {
                self.abandon(id);
                #[cfg(feature = "periodic")]
                self.take_turn_of(subject.tag, subject.origin);
            }
        }
    }

    /// Takes the place of `Dispatch`. What was written about the attempt is taken back.
    pub(in crate::machine) fn abandon(&mut self, id: AttemptId) {
        self.out.emit(Output::Abandon { attempt: id });
        self.release(id);
    }
}

/// `lastChance` as the log has it, and why.
fn last_chance_details(because: Option<LastChance>) -> Details {
    match because {
        None => vec![Detail::LastChance(false)],
        Some(because) => vec![Detail::LastChance(true), Detail::LastChanceReason(because)],
    }
}
