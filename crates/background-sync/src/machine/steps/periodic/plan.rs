//! When an origin is judged, and what is let fire then. The loops of the text (periodic.process.1, periodic.process.1.3)
//! and its flag of what has fired (periodic.process.1.2) are no loops here: every origin has its plan, and the first of
//! them is a deadline of the machine.

use std::time::Duration;

use background_sync_policy::SyncKind;
use background_sync_registration::{MonotonicTime, Now, Observed, Schedule, SyncRegistration, TagId, WallTime};
use background_sync_scheduler::{PeriodicHold, PeriodicOrigin, PeriodicPlan, Standing, Turn};

use crate::WhyNot;
use crate::machine::Machine;
use crate::machine::parts::origins::{Lane, Origin, OriginIx};
use crate::machine::parts::registry::{Activity, Record, WorkerIx};
use crate::machine::parts::time::{Timer, earlier};

impl Machine {
    /// Files a periodic registration in the line of its origin, or takes it out if it is gone.
    pub(in crate::machine) fn file_periodic(&mut self, tag: TagId, ix: OriginIx) {
        let due = self.registry.registration(tag).and_then(|registration| {
            let schedule = registration.schedule()?;
            let over = PeriodicOrigin::interval_over(&schedule, &self.rules.params().periodic);
            Some((registration.sequence(), over))
        });
        let Some(origin) = self.origins.get_mut(ix) else { return };
        match due {
            Some((sequence, over)) => origin.periodic_mut().file(tag, sequence, over),
            None if origin.periodic_mut().remove(tag) => {
                // What was learnt of the user goes with the last one, from the store too, in the commit that removes it.
                if origin.periodic().len() == 0 && origin.is_budget_stored() {
                    self.budget_changed(ix);
                }
            }
            None => return,
        }
        self.origins.plan_later(ix);
    }

    /// Plans origins of which something has changed, and judges those whose time has come.
    pub(in crate::machine) fn plan_periodic(&mut self) {
        if !self.phase.is_running() {
            return;
        }
        while let Some(ix) = self.origins.next_to_plan() {
            self.plan(ix);
        }
        // periodic.process.1.3.2: who was due and had no network, or no place.
        if self.origins.any_overdue() && self.general_holds().is_empty() {
            for ix in self.origins.take_overdue() {
                self.judge(ix);
            }
        }
    }

    fn plan(&mut self, ix: OriginIx) {
        let now = self.time.now();
        let Some(origin) = self.origins.get(ix) else { return };
        if let Some(since) = origin.periodic().turn_since() {
            let lasts = self.rules.params().periodic_turn_lasts();
            let mut until = since.after(lasts);
            if until <= now.monotonic {
                self.take_unused_turns(ix);
                self.end_late_series(ix);
                if let Some(origin) = self.origins.get_mut(ix) {
                    origin.periodic_mut().renew_turn(now.monotonic);
                }
                until = now.monotonic.after(lasts);
            }
            // A series that has begun goes on.
            if self.origins.get(ix).is_some_and(|origin| origin.periodic().turn_since().is_some()) {
                self.time.set(Timer::Plan(ix), until);
                return self.file_for_wake(ix.lane(SyncKind::Periodic));
            }
        }
        let Some(origin) = self.origins.get(ix) else { return };
        let plan = self.periodic_plan(origin);
        let running = self.time.observed().running;
        let due = match plan {
            Some(PeriodicPlan::At(at, _)) => Some(at)
                .filter(|at| *at <= now.wall)
                .map(|wall| Observed { wall, running: running.saturating_sub(now.wall.since(wall)) }),
            Some(PeriodicPlan::Never(_)) | None => None,
        };
        if let Some(origin) = self.origins.get_mut(ix) {
            origin.periodic_mut().set_due(due);
        }
        match plan {
            Some(PeriodicPlan::At(at, _)) if at <= now.wall => {
                self.time.cancel(Timer::Plan(ix));
                if self.general_holds().is_empty() { self.judge(ix) } else { self.origins.overdue(ix) }
            }
            Some(PeriodicPlan::At(at, _)) => {
                self.time.set(Timer::Plan(ix), now.monotonic.after(at.since(now.wall)));
            }
            Some(PeriodicPlan::Never(_)) | None => self.time.cancel(Timer::Plan(ix)),
        }
        self.file_for_wake(ix.lane(SyncKind::Periodic));
    }

    /// When an origin is judged next; `None` when nothing of it waits for that.
    pub(in crate::machine) fn periodic_plan(&self, origin: &Origin) -> Option<PeriodicPlan> {
        let first = self.first_schedule(origin)?;
        let facts = self.around.periodic().facts(self.time.wall(), self.rules.params());
        Some(origin.periodic().kept().plan(&first, &facts))
    }

    fn first_schedule(&self, origin: &Origin) -> Option<Schedule> {
        if !self.rules.params().runs(SyncKind::Periodic) || origin.is_closed() {
            return None;
        }
        self.registry.registration(origin.periodic().first()?)?.schedule()
    }

    /// periodic.process.1.3.3, periodic.process.1.3.3.1: an origin is judged once for one service worker registration, and
    /// all its tags that are due are let fire.
    fn judge(&mut self, ix: OriginIx) {
        let now = self.time.now();
        if let Some(origin) = self.origins.get_mut(ix) {
            origin.periodic_mut().kept_mut().budget_mut().forget(now.wall);
        }
        let Some(origin) = self.origins.get(ix) else { return };
        let params = self.rules.params();
        let facts = self.around.periodic().facts(now.wall, params);
        let is_due = self.first_schedule(origin).is_some_and(|first| origin.periodic().kept().may_join(&first, &facts));
        if !is_due || origin.periodic().turn_since().is_some() {
            return self.file_for_wake(ix.lane(SyncKind::Periodic));
        }
        let due = self.due_tags(origin, now.wall);
        if due.is_empty() {
            // Whoever changes what holds them files them anew; of conditions, and of replies, time is one.
            if let Some(over) = self.first_hold_over(origin, now) {
                self.time.set_in(Timer::Plan(ix), over);
            }
            return self.file_for_wake(ix.lane(SyncKind::Periodic));
        }
        self.around.periodic_mut().judged(now.wall);
        if let Some(origin) = self.origins.get_mut(ix) {
            due.iter().for_each(|tag| origin.periodic_mut().give_turn(*tag, now.monotonic));
        }
        // periodic.process.1.3.3.3.4: they fire when they can.
        due.into_iter().for_each(|tag| self.file(tag));
        self.time.set(Timer::Plan(ix), now.monotonic.after(self.rules.params().periodic_turn_lasts()));
        self.judge_with_it(now.wall);
    }

    /// periodic.process.1.3.3.3: tags that are due and that nothing of their own holds, of one worker, longest due first;
    /// no more than there are starts left for.
    fn due_tags(&self, origin: &Origin, now: WallTime) -> Vec<TagId> {
        let kept = origin.periodic().kept();
        let most = kept.starts_left(&self.rules.params().periodic);
        let mut of: Option<WorkerIx> = None;
        let ready = origin.periodic().over_by(now).filter(|tag| {
            let Some(record) = self.registry.record(*tag) else { return false };
            // A second registration waits.
            let is_its = of.is_none_or(|ix| ix == record.ix);
            if is_its && self.could_fire(&record) {
                of = Some(record.ix);
                return true;
            }
            false
        });
        ready.take(most).collect()
    }

    /// After how long something is over by itself that holds one of the tags that are due: a condition relaxes, or a reply
    /// counts as delivered.
    fn first_hold_over(&self, origin: &Origin, now: Now) -> Option<Duration> {
        let due = origin.periodic().over_by(now.wall).filter_map(|tag| self.registry.record(tag));
        due.filter_map(|record| {
            let registration = record.registration?;
            let reply_by = record.worker.activity(record.tag).and_then(Activity::reply_by);
            let delivered = reply_by.map(|by| by.since(now.monotonic)).filter(|left| !left.is_zero());
            let relaxes = self.conditions_holding(record.worker.origin(), SyncKind::Periodic, registration).shortest();
            earlier(delivered, relaxes)
        })
        .min()
    }

    /// periodic.process.1.3.3.3.1: pending, and nothing else holds it.
    fn could_fire(&self, record: &Record<'_>) -> bool {
        let standing = |registration: &SyncRegistration| {
            let own = self.own_holds_with(record, registration, Turn::Given);
            own.standing()
        };
        record.registration.is_some_and(|registration| standing(registration) == Standing::Ready)
    }

    /// What would be due within the batch window fires in the same wake-up.
    fn judge_with_it(&mut self, now: WallTime) {
        let then = self.time.monotonic().after(self.rules.params().periodic.batch_window);
        let facts = self.around.periodic().facts(now, self.rules.params());
        let candidates = self.time.due_by(then).filter_map(|timer| match timer {
            Timer::Plan(ix) => Some(ix),
            Timer::Attempt(_)
            | Timer::Lane(_)
            | Timer::Grace(_)
            | Timer::NetworkHold
            | Timer::LazyCommit
            | Timer::StoreRetry
            | Timer::WakeBudget
            | Timer::WakeNetwork
            | Timer::ForgetWorker(_)
            | Timer::ForgetOrigin(_) => None,
        });
        let mut joining: Vec<_> = candidates
            .filter(|ix| {
                let origin = self.origins.get(*ix).filter(|origin| origin.periodic().turn_since().is_none());
                let first = origin.and_then(|origin| Some((origin, self.first_schedule(origin)?)));
                first.is_some_and(|(origin, first)| origin.periodic().kept().may_join(&first, &facts))
            })
            .collect();
        joining.sort_unstable();
        joining.into_iter().for_each(|ix| self.origins.overdue(ix));
    }

    /// Those that were let fire and whose event never began wait to be judged again.
    pub(in crate::machine) fn take_unused_turns(&mut self, ix: OriginIx) {
        let Some(origin) = self.origins.get(ix) else { return };
        let unused: Vec<_> = origin
            .periodic()
            .with_turn()
            .filter(|tag| {
                let is_untried = self.registry.registration(*tag).is_some_and(SyncRegistration::is_untried);
                is_untried && self.registry.activity(*tag).is_none_or(|activity| activity.attempt().is_none())
            })
            .collect();
        for tag in unused {
            self.take_turn_of(tag, ix);
        }
    }

    /// The turn of a registration is over.
    pub(in crate::machine) fn take_turn_of(&mut self, tag: TagId, ix: OriginIx) {
        if let Some(origin) = self.origins.get_mut(ix) {
            origin.periodic_mut().take_turn(tag);
        }
        self.file(tag);
    }

    /// When the device would be woken for a lane that has nothing to start yet.
    pub(in crate::machine) fn planned_wake_up(&self, lane: Lane, origin: &Origin) -> Option<MonotonicTime> {
        if lane.kind != SyncKind::Periodic || origin.periodic().turn_since().is_some() {
            return None;
        }
        match self.periodic_plan(origin)? {
            PeriodicPlan::At(at, _) => Some(self.time.monotonic().after(at.since(self.time.wall()))),
            PeriodicPlan::Never(_) => None,
        }
    }

    /// Why a registration has no turn.
    pub(in crate::machine) fn why_no_turn(&self, record: &Record<'_>) -> WhyNot {
        let now = self.time.wall();
        let other = WhyNot::Periodic { why: PeriodicHold::OtherEvent, until: None };
        let Some(origin) = self.origins.get(record.worker.origin()) else { return other };
        let Some(schedule) = record.registration.and_then(SyncRegistration::schedule) else { return other };
        let params = &self.rules.params().periodic;
        let over = PeriodicOrigin::interval_over(&schedule, params);
        let facts = self.around.periodic().facts(now, self.rules.params());
        let plan = origin.periodic().kept().plan(&schedule, &facts);
        if let PeriodicPlan::Never(why) = plan {
            return WhyNot::Periodic { why, until: None };
        }
        if over > now {
            return WhyNot::Periodic { why: PeriodicHold::MinInterval, until: Some(over) };
        }
        if origin.periodic().turn_since().is_some() {
            return other;
        }
        match plan {
            PeriodicPlan::At(at, why) if at > now => WhyNot::Periodic { why, until: Some(at) },
            // It is due: what else holds it, or another one of its origin that is, comes first.
            PeriodicPlan::At(..) => other,
            PeriodicPlan::Never(why) => WhyNot::Periodic { why, until: None },
        }
    }
}
