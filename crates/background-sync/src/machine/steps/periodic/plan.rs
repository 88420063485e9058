//! When an origin is judged, and what is let fire then. The loops of the text (periodic.process.1, periodic.process.1.3)
//! and its flag of what has fired (periodic.process.1.2) are no loops here: every origin has its plan, and the first of
//! them is a deadline of the machine.

use std::time::Duration;

use background_sync_policy::SyncKind;
use background_sync_registration::{MonotonicTime, Observed, Schedule, SyncRegistration, TagId};
use background_sync_scheduler::{PeriodicHold, PeriodicOrigin, PeriodicPlan};

use crate::WhyNot;
use crate::machine::Machine;
use crate::machine::parts::origins::{Lane, Origin, OriginIx};
use crate::machine::parts::registry::Record;
use crate::machine::parts::time::Timer;

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
            Some((sequence, over)) => {
                origin.periodic_mut().file(tag, sequence, over);
                self.origins.set_periodic(ix, true);
            }
            None if origin.periodic_mut().remove(tag) => {
                if origin.periodic().len() == 0 {
                    self.emptied(ix);
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

    pub(super) fn first_schedule(&self, origin: &Origin) -> Option<Schedule> {
        if !self.rules.params().runs(SyncKind::Periodic) || origin.is_closed() {
            return None;
        }
        self.registry.registration(origin.periodic().first()?)?.schedule()
    }

    /// When the device would be woken for a lane that has nothing to start yet.
    pub(in crate::machine) fn planned_wake_up(&self, lane: Lane, origin: &Origin) -> Option<MonotonicTime> {
        if lane.kind != SyncKind::Periodic || origin.periodic().turn_since().is_some() {
            return None;
        }
        Some(self.time.monotonic().after(self.planned_in(origin)?))
    }

    /// In how long an origin is judged; nothing when that has come, and `None` when nothing is planned.
    pub(super) fn planned_in(&self, origin: &Origin) -> Option<Duration> {
        match self.periodic_plan(origin)? {
            PeriodicPlan::At(at, _) => Some(at.since(self.time.wall())),
            PeriodicPlan::Never(_) => None,
        }
    }

    /// Why a registration has no turn, as far as its plan says: `None` when it is due, and something else holds it.
    pub(in crate::machine) fn why_no_turn(&self, record: &Record<'_>) -> Option<WhyNot> {
        let now = self.time.wall();
        let origin = self.origins.get(record.worker.origin())?;
        let schedule = record.registration.and_then(SyncRegistration::schedule)?;
        let params = &self.rules.params().periodic;
        let over = PeriodicOrigin::interval_over(&schedule, params);
        let facts = self.around.periodic().facts(now, self.rules.params());
        let plan = origin.periodic().kept().plan(&schedule, &facts);
        let (why, until) = match plan {
            PeriodicPlan::Never(why) => (why, None),
            PeriodicPlan::At(..) if over > now => (PeriodicHold::MinInterval, Some(over)),
            PeriodicPlan::At(..) if origin.periodic().turn_since().is_some() => (PeriodicHold::OtherEvent, None),
            PeriodicPlan::At(at, why) if at > now => (why, Some(at)),
            PeriodicPlan::At(..) => return None,
        };
        Some(WhyNot::Periodic { why, until })
    }
}
