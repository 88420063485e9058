//! An origin is judged when its time has come: what of it is let fire, and who joins it.

use std::time::Duration;

use background_sync_policy::SyncKind;
use background_sync_registration::{Now, SyncRegistration, TagId, WallTime};
use background_sync_scheduler::{Standing, Turn};

use crate::machine::Machine;
use crate::machine::parts::origins::{Origin, OriginIx};
use crate::machine::parts::registry::{Activity, Record, WorkerIx};
use crate::machine::parts::time::{Timer, earlier};

impl Machine {
    /// periodic.process.1.3.3, periodic.process.1.3.3.1: an origin is judged once for one service worker registration, and
    /// all its tags that are due are let fire.
    pub(super) fn judge(&mut self, ix: OriginIx) {
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
            // Whoever changes what holds them files them anew; of conditions, and of replies, time is one. And one whose
            // interval is over later may have nothing that holds it.
            let next_over = origin.periodic().next_over(now.wall).map(|over| over.since(now.wall));
            let again_in = earlier(self.first_hold_over(origin, now), next_over);
            // What was to join another's wake-up a little before its own time still has that.
            let own_time = self.planned_in(origin).filter(|left| !left.is_zero());
            if let Some(again_in) = earlier(again_in, own_time) {
                self.time.set_in(Timer::Plan(ix), again_in);
            }
            return self.file_for_wake(ix.lane(SyncKind::Periodic));
        }
        self.around.periodic_mut().judged(now.wall);
        let observed = self.time.observed();
        if let Some(origin) = self.origins.get_mut(ix) {
            origin.periodic_mut().due_by(observed);
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
}
