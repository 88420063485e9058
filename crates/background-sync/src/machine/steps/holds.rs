//! Where a registration stands, and why: what starts, `why_not`, views and wake-ups read.

use std::time::Duration;

use background_sync_policy::SyncKind;
use background_sync_registration::{MonotonicTime, SyncRegistration, TagId};
use background_sync_scheduler::{GeneralHolds, OriginHolds, OwnFacts, OwnHolds, is_run};

use crate::machine::Machine;
use crate::machine::parts::attempts::Attempt;
use crate::machine::parts::origins::{Origin, OriginIx};
use crate::machine::parts::registry::{Activity, Worker};

impl Machine {
    /// What holds one registration by itself.
    pub(in crate::machine) fn own_holds(
        &self,
        worker: &Worker,
        kind: SyncKind,
        activity: Option<&Activity>,
        registration: &SyncRegistration,
    ) -> OwnHolds {
        let attempt = activity.and_then(|activity| self.attempts.get(activity.attempt()?));
        let declined = activity.and_then(Activity::declined);
        let facts = OwnFacts {
            is_run: is_run(kind),
            state: registration.state(),
            attempt: attempt.map(Attempt::stage),
            reply_by: activity.and_then(Activity::reply_by),
            worker: worker.readiness(),
            conditions: self.conditions_holding(worker.origin(), kind, registration),
            elsewhere: self.around.belongs_elsewhere(registration, declined, self.rules.params().network_mode),
        };
        facts.holds(self.time.monotonic())
    }

    /// What holds all registrations of an origin.
    pub(in crate::machine) fn origin_holds(&self, ix: OriginIx, origin: &Origin) -> OriginHolds {
        let now = self.time.monotonic();
        OriginHolds {
            // After a commit that failed nothing of the profile starts until the store is tried again.
            store: self.journal.retry_at().filter(|_| !origin.is_private()),
            full: self.attempts.of_origin(ix) >= self.rules.params().max_concurrent_events_per_origin,
            spread: Some(origin.spread_until()).filter(|until| *until > now),
            budget: self.budget_wait(ix, origin),
            wake_up: self.wake_up_wait(ix, origin),
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

    /// I13: how long an origin has to wait until its first registration may start without a window.
    fn budget_wait(&self, ix: OriginIx, origin: &Origin) -> Option<Duration> {
        let (now, params) = (self.time.now(), self.rules.params());
        if !origin.pays(now.monotonic, params) {
            return None;
        }
        let first = self.places.first_ready(ix, self.registry.lists())?;
        let last_chance = self.is_last_chance(self.registry.registration(first)?);
        origin.budget().wait(now, params.least_background_time(last_chance), params)
    }

    /// Until when the wake-up lasts, if what is left of it is too little for the first registration of an origin without a
    /// window.
    fn wake_up_wait(&self, ix: OriginIx, origin: &Origin) -> Option<MonotonicTime> {
        let (now, params) = (self.time.monotonic(), self.rules.params());
        self.wake.budget().left(now)?;
        if !origin.in_background(now, params.background_grace) {
            return None;
        }
        let first = self.places.first_ready(ix, self.registry.lists())?;
        let last_chance = self.is_last_chance(self.registry.registration(first)?);
        self.wake.budget().wait(now, params.least_background_time(last_chance))
    }

    /// Whether the next attempt of a registration is its last one.
    pub(in crate::machine) fn is_last_chance(&self, registration: &SyncRegistration) -> bool {
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
