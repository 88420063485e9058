//! What the network costs, the power, and the user's word about both.

use std::time::Duration;

use background_sync_policy::{Origin as OriginName, Partition, SyncKind};
#[cfg(not(feature = "periodic"))]
use background_sync_registration::Observed;
use background_sync_registration::SyncRegistration;
use background_sync_scheduler::{
    Circumstances, Condition, ConditionOverride, Conditions, Holding, NetworkCost, PowerState,
};

use crate::Obstacle;
use crate::machine::Machine;
use crate::machine::parts::origins::OriginIx;

/// What conditions of each kind go by, in the order of [`SyncKind::ALL`].
type OfKinds = [Circumstances; SyncKind::ALL.len()];

impl Machine {
    /// The conditions that hold a registration at its age. Where its kind has none that costs next to nothing.
    #[inline]
    pub(in crate::machine) fn conditions_holding(
        &self,
        origin: OriginIx,
        kind: SyncKind,
        registration: &SyncRegistration,
    ) -> Holding {
        match self.rules.params().conditions.of(kind) {
            conditions if conditions.is_none() => Holding::default(),
            conditions => self.holding(conditions, origin, kind, registration),
        }
    }

    fn holding(
        &self,
        conditions: &Conditions,
        origin: OriginIx,
        kind: SyncKind,
        registration: &SyncRegistration,
    ) -> Holding {
        // A periodic one is as old as its event is overdue.
        let age = match registration.schedule() {
            None => self.time.age_of(registration.registered()),
            Some(_) => self.overdue(origin),
        };
        conditions.holding(age, &self.circumstances_of(origin, kind))
    }

    /// For how long something periodic of an origin has been due.
    fn overdue(&self, ix: OriginIx) -> Duration {
        #[cfg(feature = "periodic")]
        let due_since = self.origins.get(ix).and_then(|origin| origin.periodic().due_since());
        #[cfg(not(feature = "periodic"))]
        let due_since = self.origins.get(ix).and(None::<Observed>);
        due_since.map_or(Duration::ZERO, |since| self.time.age_of(since))
    }

    /// What conditions of a kind go by for an origin: of two words about its network the worse, and of two of the user
    /// the one that lets it run.
    fn circumstances_of(&self, ix: OriginIx, kind: SyncKind) -> Circumstances {
        let mut around = self.around.circumstances(kind);
        let Some(origin) = self.origins.get(ix) else { return around };
        around.cost = around.cost.map(|cost| origin.cost().map_or(cost, |own| cost.or(own)));
        if origin.condition_override(kind).wins() {
            around.user = ConditionOverride::RunAnyway;
        }
        around
    }

    /// The condition that a start meets in the end, if there is one that is not met any more.
    pub(in crate::machine) fn condition_in_the_way(
        &self,
        origin: OriginIx,
        kind: SyncKind,
        registration: &SyncRegistration,
    ) -> Option<Obstacle> {
        let (condition, _) = self.conditions_holding(origin, kind, registration).iter().next()?;
        Some(match condition {
            Condition::Unmetered => Obstacle::Metered,
            Condition::NotRoaming => Obstacle::Roaming,
            Condition::Charging => Obstacle::NotCharging,
            Condition::BatteryNotLow => Obstacle::BatteryLow,
        })
    }

    pub(in crate::machine) fn power_changed(&mut self, state: PowerState) {
        let before = self.circumstances();
        self.around.set_power(state);
        self.circumstances_changed(before);
    }

    pub(in crate::machine) fn condition_override(
        &mut self,
        whose: Option<(Partition, OriginName)>,
        kind: SyncKind,
        said: ConditionOverride,
    ) {
        if said.wins() {
            self.wake.something_changed();
        }
        let Some((partition, name)) = whose else {
            self.around.set_override(kind, said);
            // What holds an origin may be a word about its own network only.
            return self.origins.all().into_iter().for_each(|ix| self.file_condition_bound(ix, kind, true));
        };
        let Some(ix) = self.origins.find(partition, &name) else { return };
        if let Some(origin) = self.origins.get_mut(ix) {
            origin.set_condition_override(kind, said);
        }
        self.file_condition_bound(ix, kind, true);
    }

    /// What conditions go by now.
    pub(in crate::machine) fn circumstances(&self) -> OfKinds {
        SyncKind::ALL.map(|kind| self.around.circumstances(kind))
    }

    /// Files those anew whose conditions are met now, or no longer are. Where no condition of their kind is about what has
    /// changed nothing is looked at, and nobody lines up anew.
    pub(in crate::machine) fn circumstances_changed(&mut self, before: OfKinds) {
        for ((kind, before), after) in SyncKind::ALL.into_iter().zip(before).zip(self.circumstances()) {
            let conditions = self.rules.params().conditions.of(kind);
            let (mut met, mut missed) = (false, false);
            for condition in Condition::ALL.into_iter().filter(|one| conditions.relaxes_at(*one).is_some()) {
                let is_met = |around: &Circumstances| around.user.wins() || around.meet(condition);
                met |= !is_met(&before) && is_met(&after);
                missed |= is_met(&before) && !is_met(&after);
            }
            if !self.rules.params().runs(kind) || (!met && !missed) {
                continue;
            }
            if met {
                // Like a link that comes up.
                self.wake.came_online();
            }
            for ix in self.origins.all() {
                self.file_condition_bound(ix, kind, missed);
            }
        }
        #[cfg(feature = "periodic")]
        self.note_availability();
    }

    /// What an origin's network costs was said for itself, or that it has none. It counts until the next word about
    /// either.
    pub(in crate::machine) fn note_cost(&mut self, ix: OriginIx, said: Option<NetworkCost>) {
        let Some(general) = NetworkCost::of(self.around.link().state()) else { return };
        let worse = said.filter(|own| general.or(*own) != general);
        if self.origins.set_cost(ix, worse) {
            SyncKind::ALL.into_iter().for_each(|kind| self.file_condition_bound(ix, kind, true));
        }
    }

    /// There was a word about everybody's network.
    pub(in crate::machine) fn forget_own_costs(&mut self) {
        for ix in self.origins.costly() {
            self.origins.set_cost(ix, None);
            SyncKind::ALL.into_iter().for_each(|kind| self.file_condition_bound(ix, kind, false));
        }
    }

    /// Those of a kind that conditions hold, and if some condition is no longer met those that nothing of their own
    /// holds, too. What is periodic and was due is judged anew.
    fn file_condition_bound(&mut self, ix: OriginIx, kind: SyncKind, missed: bool) {
        if self.rules.params().conditions.of(kind).is_none() {
            return;
        }
        for tag in self.places.condition_bound(ix.lane(kind), missed, self.registry.lists()) {
            if self.registry.kind_of(tag) == Some(kind) {
                self.file(tag);
            }
        }
        #[cfg(feature = "periodic")]
        if kind == SyncKind::Periodic && self.origins.get(ix).is_some_and(|origin| origin.periodic().len() > 0) {
            self.origins.plan_later(ix);
        }
    }
}
