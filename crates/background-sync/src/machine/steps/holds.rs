//! Where a registration stands, and why: what starts, `why_not`, views and wake-ups read.

use std::time::Duration;

use background_sync_policy::SyncKind;
use background_sync_registration::{MonotonicTime, SyncRegistration, TagId};
use background_sync_scheduler::{GeneralHolds, OriginHolds, OwnFacts, OwnHolds, Turn};

use crate::machine::Machine;
use crate::machine::parts::attempts::Attempt;
use crate::machine::parts::origins::{Lane, Origin};
use crate::machine::parts::registry::{Activity, Record};

impl Machine {
    /// What holds one registration by itself.
    pub(in crate::machine) fn own_holds(&self, record: &Record<'_>, registration: &SyncRegistration) -> OwnHolds {
        self.own_holds_with(record, registration, self.turn_of(record))
    }

    /// The same as if it had its turn, or had it not.
    pub(in crate::machine) fn own_holds_with(
        &self,
        record: &Record<'_>,
        registration: &SyncRegistration,
        turn: Turn,
    ) -> OwnHolds {
        let Record { tag, worker, kind, .. } = *record;
        let activity = worker.activity(tag);
        let attempt = activity.and_then(|activity| self.attempts.get(activity.attempt()?));
        let declined = activity.and_then(Activity::declined);
        let facts = OwnFacts {
            is_run: self.rules.params().runs(kind),
            turn,
            state: registration.state(),
            attempt: attempt.map(Attempt::stage),
            reply_by: activity.and_then(Activity::reply_by),
            worker: worker.readiness(),
            conditions: self.conditions_holding(worker.origin(), kind, registration),
            elsewhere: self.around.belongs_elsewhere(registration, declined, self.rules.params().network_mode),
        };
        facts.holds(self.time.monotonic())
    }

    /// Whether a registration may fire, as far as turns go: only periodic ones need one.
    fn turn_of(&self, record: &Record<'_>) -> Turn {
        match record.kind {
            SyncKind::OneShot => Turn::NotNeeded,
            #[cfg(feature = "periodic")]
            SyncKind::Periodic => {
                let origin = self.origins.get(record.worker.origin()).map(Origin::periodic);
                // A retry waits for the end of a suspension too.
                let origin = origin.filter(|periodic| periodic.kept().suspended().is_none());
                origin.map_or(Turn::NotGiven, |periodic| periodic.turn_of(record.tag))
            }
            #[cfg(not(feature = "periodic"))]
            SyncKind::Periodic => Turn::NotGiven,
        }
    }

    /// What holds all registrations of a kind of an origin.
    pub(in crate::machine) fn origin_holds(&self, lane: Lane, origin: &Origin) -> OriginHolds {
        let now = self.time.monotonic();
        OriginHolds {
            // After a commit that failed nothing of the profile starts until the store is tried again.
            store: self.journal.retry_at().filter(|_| !origin.is_private()),
            full: self.attempts.of_origin(lane.origin) >= self.rules.params().max_concurrent_events_per_origin,
            spread: Some(origin.spread_until()).filter(|until| *until > now),
            budget: self.budget_wait(lane, origin),
            wake_up: self.wake_up_wait(lane, origin),
            reach: origin.reach(self.around.link().epoch()),
        }
    }

    /// What holds everybody.
    pub(in crate::machine) fn general_holds(&self) -> GeneralHolds {
        GeneralHolds::of(
            self.around.link(),
            self.attempts.len() >= self.rules.params().max_concurrent_events,
            self.around.is_restricted(),
            self.time.is_suspended(),
            self.time.monotonic(),
        )
    }

    /// I13: how long a lane has to wait until its first registration may start that has to be paid for.
    fn budget_wait(&self, lane: Lane, origin: &Origin) -> Option<Duration> {
        let (now, params) = (self.time.now(), self.rules.params());
        if !origin.pays(lane.kind, now.monotonic, params) {
            return None;
        }
        let first = self.registry.registration(self.places.first_ready(lane, self.registry.lists())?)?;
        let least = params.least_event(lane.kind, first.series(), self.is_last_chance(first));
        origin.budget(lane.kind).wait(now, least, params.day_allowance(lane.kind))
    }

    /// Until when the wake-up lasts, if what is left of it is too little for the first registration of an origin without a
    /// window.
    fn wake_up_wait(&self, lane: Lane, origin: &Origin) -> Option<MonotonicTime> {
        let (now, params) = (self.time.monotonic(), self.rules.params());
        self.wake.budget().left(now)?;
        if !origin.in_background(now, params.background_grace) {
            return None;
        }
        let first = self.registry.registration(self.places.first_ready(lane, self.registry.lists())?)?;
        let least = params.least_event(lane.kind, first.series(), self.is_last_chance(first));
        self.wake.budget().wait(now, least)
    }

    /// Whether the next attempt of a registration is its last one. A periodic one has none: it stays.
    pub(in crate::machine) fn is_last_chance(&self, registration: &SyncRegistration) -> bool {
        if registration.schedule().is_some() {
            return false;
        }
        let (series, registered) = (registration.series(), registration.registered());
        self.rules.params().last_chance(series, registered, self.time.observed())
    }

    /// The registration an attempt is for, unless it is gone or another one took its tag.
    pub(in crate::machine) fn registration_of(&self, attempt: &Attempt) -> Option<&SyncRegistration> {
        let subject = attempt.subject();
        self.registry.of_sequence(subject.tag, subject.sequence)
    }

    /// Whether calls for a tag are on their way to the store.
    pub(in crate::machine) fn is_asked(&self, tag: TagId) -> bool {
        self.registry.activity(tag).is_some_and(Activity::has_asks)
    }
}
