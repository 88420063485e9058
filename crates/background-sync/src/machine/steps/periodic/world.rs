//! Visits, engagement, pauses, civil time, and when an event could run.

use background_sync_policy::{Origin as OriginName, Partition, SyncKind};
use background_sync_scheduler::{Engagement, UtcOffset};

use crate::machine::Machine;
use crate::machine::parts::origins::OriginIx;

/// Of so many origins, and no more, something is remembered that only a word of the host is about (invariant I10).
const MOST_ORIGINS: usize = 65_536;

impl Machine {
    /// Of an origin without periodic registrations nothing is remembered, of a private partition neither (I12). What is
    /// learnt is written with whatever is written next.
    pub(in crate::machine) fn visited(&mut self, partition: Partition, name: &OriginName, offset: UtcOffset) {
        self.offset_changed(offset);
        let (now, params) = (self.time.wall(), &self.rules.params().periodic);
        let Some(ix) = self.origins.find(partition, name) else { return };
        let Some(origin) = self.origins.get_mut(ix) else { return };
        let learns = !origin.is_private();
        let kept = origin.periodic_mut().kept_mut();
        if kept.pace().registered_since().is_none() {
            return;
        }
        kept.visited(now, offset, self.around.periodic().availability(), params, learns);
        if learns {
            origin.budget_is_stored();
            self.journal.note_along(ix);
        }
        self.replan(ix);
    }

    pub(in crate::machine) fn offset_changed(&mut self, offset: UtcOffset) {
        if self.around.periodic_mut().set_offset(offset) {
            self.replan_all();
        }
    }

    pub(in crate::machine) fn engagement_changed(
        &mut self,
        partition: Partition,
        name: &OriginName,
        engagement: Engagement,
    ) {
        let is_usual = engagement == Engagement::default();
        let Some(ix) = self.origin_to_remember(partition, name, is_usual) else { return };
        let Some(origin) = self.origins.get_mut(ix) else { return };
        if origin.periodic_mut().kept_mut().set_engagement(engagement) {
            self.suspension_changed(ix);
        }
    }

    pub(in crate::machine) fn pause_changed(&mut self, partition: Partition, name: &OriginName, paused: bool) {
        let Some(ix) = self.origin_to_remember(partition, name, !paused) else { return };
        let Some(origin) = self.origins.get_mut(ix) else { return };
        if origin.periodic_mut().kept_mut().set_paused(paused) {
            self.suspension_changed(ix);
        }
    }

    /// The origin that something is said of. What is as usual need not be remembered of one that has nothing to do with
    /// syncs; anything else has to be there when it has.
    fn origin_to_remember(&mut self, partition: Partition, name: &OriginName, is_usual: bool) -> Option<OriginIx> {
        let known = self.origins.find(partition, name);
        if known.is_some() || is_usual || self.origins.len() >= MOST_ORIGINS {
            return known;
        }
        self.origin_for(partition, name)
    }

    /// Those that were let fire and have not begun wait again; what runs goes on.
    fn suspension_changed(&mut self, ix: OriginIx) {
        let suspended = self.origins.get(ix).is_some_and(|origin| origin.periodic().kept().suspended().is_some());
        if suspended {
            self.take_unused_turns(ix);
        }
        let with_turn = self.origins.get(ix).map(|origin| origin.periodic().with_turn().collect::<Vec<_>>());
        with_turn.unwrap_or_default().into_iter().for_each(|tag| self.file(tag));
        self.replan(ix);
    }

    fn replan(&mut self, ix: OriginIx) {
        self.wake.something_changed();
        self.origins.plan_later(ix);
    }

    /// How late the system wakes the engine is learnt likewise.
    pub(in crate::machine) fn note_lateness(&mut self) {
        let now = self.time.wall();
        if let Some(asked) = self.wake.asked_for(now).filter(|_| self.has_periodic()) {
            self.around.periodic_mut().woken(asked, now);
        }
    }

    /// What was learnt of the user goes with the last registration, from the store too, in the commit that removes it: of
    /// the origin with its last one, and when the device is to be reached with the last one of all.
    pub(in crate::machine) fn emptied(&mut self, ix: OriginIx) {
        self.origins.set_periodic(ix, false);
        let Some(origin) = self.origins.get(ix).filter(|origin| !origin.is_private()) else { return };
        if origin.is_budget_stored() {
            self.budget_changed(ix);
        }
        self.forget_availability_of_nobody();
    }

    /// Where nothing periodic is left nothing is known of when the device is to be reached.
    pub(in crate::machine) fn forget_availability_of_nobody(&mut self) {
        let is_nobodys = self.rules.params().runs(SyncKind::Periodic) && !self.has_periodic();
        if is_nobodys && self.around.periodic_mut().forget_availability() {
            self.journal.note_profile();
            self.write_lazily();
        }
    }

    /// Of private partitions nothing is learnt.
    fn has_periodic(&self) -> bool {
        let mut with_any = self.origins.with_periodic().iter().filter_map(|ix| self.origins.get(*ix));
        with_any.any(|origin| !origin.is_private())
    }

    /// Everything that is planned is planned anew: the clocks came apart, or civil time is another.
    pub(in crate::machine) fn replan_all(&mut self) {
        for ix in self.origins.with_periodic().clone() {
            self.origins.plan_later(ix);
        }
    }

    /// The clocks came apart: what lies in the future counts as of now.
    pub(in crate::machine) fn realign_periodic(&mut self) {
        let now = self.time.wall();
        self.around.periodic_mut().no_later_than(now);
        for ix in self.origins.all() {
            if let Some(origin) = self.origins.get_mut(ix) {
                origin.periodic_mut().kept_mut().no_later_than(now);
            }
        }
        self.replan_all();
    }

    /// Whether an event could run now is learnt, to place events where they can; nothing is while nothing is placed. A
    /// link that came back and is held for a moment is there: nobody says so again when the hold is over.
    pub(in crate::machine) fn note_availability(&mut self) {
        if !self.has_periodic() {
            return;
        }
        let available = self.around.link().state().is_online() && !self.around.is_restricted();
        let now = self.time.wall();
        self.around.periodic_mut().available(now, available);
    }
}
