//! What the network costs, the power, and the user's word: what may hold a registration back for a while, and what does
//! beyond doubt.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use background_sync::policy::{Origin, RegistrationKey, SyncKind};
use background_sync::scheduler::{Condition, ConditionOverride, NetworkState, PowerState};
use background_sync::{Input, SyncEventInit};

use super::model::Name;
use super::record::{Certainty, Record};
use super::{Oracle, Verdict, broken};
use crate::Site;

/// A wall clock may be off by so much before a machine takes its waits from it again.
const SLACK: Duration = Duration::from_millis(2_001);

/// What was said.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    power: PowerState,
    /// Of everybody's syncs of a kind: run anyway.
    general: BTreeSet<SyncKind>,
    /// Of single origins and a kind: run anyway. It is about what is registered, of either kind, so it may be nothing.
    sites: BTreeMap<(Site, SyncKind), Certainty>,
    /// What a worker that was ready, or the oracle, said of an origin's own network since the last word about
    /// everybody's; `None` when it is open which of two words counts.
    own: BTreeMap<Site, Option<Cost>>,
    /// For how long the process has been running, in all its lives that were watched.
    ran: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cost {
    metered: bool,
    roaming: bool,
}

impl Cost {
    fn of(state: &NetworkState) -> Option<Self> {
        match state {
            NetworkState::Online { metered, roaming, network_id: _ } => {
                Some(Self { metered: *metered, roaming: *roaming })
            }
            NetworkState::Unknown | NetworkState::Offline | NetworkState::Captive => None,
        }
    }

    /// Whether a condition about the network is not met on it.
    fn misses(self, condition: Condition) -> bool {
        match condition {
            Condition::Unmetered => self.metered,
            Condition::NotRoaming => self.roaming,
            Condition::Charging | Condition::BatteryNotLow => false,
        }
    }
}

impl Said {
    pub(super) fn of_power(&mut self, state: PowerState) {
        self.power = state;
    }

    /// Time went on.
    pub(super) fn ran_for(&mut self, time: Duration) {
        self.ran = self.ran.saturating_add(time);
    }

    /// For how long it has been running.
    #[cfg(feature = "periodic")]
    pub(super) fn has_run(&self) -> Duration {
        self.ran
    }

    /// The process died; what was said is said again.
    pub(super) fn died(&mut self) {
        *self = Self { ran: self.ran, ..Self::default() };
    }

    /// There was a word about everybody's network.
    pub(super) fn nothing_known_of_origins(&mut self) {
        self.own.clear();
    }

    /// A worker that was ready said what its network is like.
    pub(super) fn ready_on(&mut self, site: Site, network: &NetworkState) {
        self.own.insert(site, Cost::of(network));
    }

    /// There was a word about one origin, which may be late for some of its partitions.
    pub(super) fn of_origin(&mut self, origin: &Origin) {
        self.own.iter_mut().filter(|(site, _)| site.origin == *origin).for_each(|(_, cost)| *cost = None);
    }
}

impl Oracle {
    pub(super) fn hear_of_conditions(&mut self, input: &Input) {
        match input {
            Input::PowerChanged { state } => self.said.of_power(*state),
            Input::ConditionOverride { origin: None, kind, said } => {
                match said {
                    ConditionOverride::RunAnyway => self.said.general.insert(*kind),
                    ConditionOverride::None => self.said.general.remove(kind),
                };
            }
            Input::ConditionOverride { origin: Some((partition, origin)), kind, said } => {
                let site = Site { partition: *partition, origin: origin.clone() };
                // What is registered by then is open before the store was read.
                let registered = if self.told.is_loaded() { self.is_registered(&site) } else { Certainty::Maybe };
                match (said, registered) {
                    (ConditionOverride::None, _) => self.said.sites.remove(&(site, *kind)),
                    (ConditionOverride::RunAnyway, Certainty::No) => None,
                    (ConditionOverride::RunAnyway, registered) => self.said.sites.insert((site, *kind), registered),
                };
            }
            _ => {}
        }
    }

    /// The user's word about an origin is over when nothing of it is registered any more.
    pub(super) fn overrides_end(&mut self) {
        if !self.told.is_loaded() {
            return;
        }
        for whose in self.said.sites.keys().cloned().collect::<Vec<_>>() {
            match self.is_registered(&whose.0) {
                Certainty::No => drop(self.said.sites.remove(&whose)),
                Certainty::Maybe => drop(self.said.sites.insert(whose, Certainty::Maybe)),
                Certainty::Yes => {}
            }
        }
    }

    fn is_registered(&self, site: &Site) -> Certainty {
        let mut records = self.model.records().filter(|(name, _)| site.holds(&name.0)).peekable();
        let may = records.peek().is_some() || self.model.any_on_their_way(|key| site.holds(key));
        let one_shot = Certainty::between(may, records.any(|(_, record)| record.certain));
        #[cfg(feature = "periodic")]
        let periodic = self.periodic.is_registered(site);
        #[cfg(not(feature = "periodic"))]
        let periodic = Certainty::No;
        one_shot.max(periodic)
    }

    /// Whether conditions hold it.
    pub(super) fn conditions_hold(&self, name: &Name, record: &Record) -> Certainty {
        let holds = Condition::ALL.map(|condition| self.condition_holds(condition, name, record));
        holds.into_iter().max().unwrap_or(Certainty::No)
    }

    /// Whether this condition holds it.
    pub(super) fn condition_holds(&self, condition: Condition, name: &Name, record: &Record) -> Certainty {
        let site = Site::of(&name.0);
        let unmet = match self.said.own.get(&site) {
            _ if self.is_unmet(condition) => Certainty::Yes,
            Some(own) => Certainty::between(own.is_none_or(|own| own.misses(condition)), false),
            None => {
                let own = self.told.own_network(&site.origin).and_then(Cost::of);
                Certainty::between(own.is_some_and(|own| own.misses(condition)), false)
            }
        };
        match self.overridden(&site, SyncKind::OneShot) {
            Certainty::Yes => Certainty::No,
            Certainty::Maybe => unmet.min(self.is_young(condition, name, record)).min(Certainty::Maybe),
            Certainty::No => unmet.min(self.is_young(condition, name, record)),
        }
    }

    /// The conditions of periodic syncs that may be unmet for an origin, or that are beyond doubt, and the ages at which
    /// they relax.
    #[cfg(feature = "periodic")]
    pub(super) fn unmet_of_periodic(&self, site: &Site, certainty: Certainty) -> Vec<(Condition, Duration)> {
        let conditions = &self.parameters.conditions.periodic;
        let own = self.said.own.get(site).copied();
        let is_unmet = |condition: Condition| {
            let of_own = match own {
                Some(Some(cost)) => Certainty::between(cost.misses(condition), cost.misses(condition)),
                Some(None) => Certainty::Maybe,
                None => {
                    let cost = self.told.own_network(&site.origin).and_then(Cost::of);
                    Certainty::between(cost.is_some_and(|cost| cost.misses(condition)), false)
                }
            };
            let unmet = if self.is_unmet(condition) { Certainty::Yes } else { of_own };
            let holds = match self.overridden(site, SyncKind::Periodic) {
                Certainty::Yes => Certainty::No,
                Certainty::Maybe => unmet.min(Certainty::Maybe),
                Certainty::No => unmet,
            };
            holds >= certainty
        };
        let unmet = Condition::ALL.into_iter().filter(|condition| is_unmet(*condition));
        unmet.filter_map(|condition| Some((condition, conditions.relaxes_at(condition)?))).collect()
    }

    /// Whether the user lets everything of a kind go that conditions hold.
    fn overridden(&self, site: &Site, kind: SyncKind) -> Certainty {
        if self.said.general.contains(&kind) {
            return Certainty::Yes;
        }
        self.said.sites.get(&(site.clone(), kind)).copied().unwrap_or(Certainty::No)
    }

    /// Whether what was said of everybody's network, or of the power, does not meet a condition.
    fn is_unmet(&self, condition: Condition) -> bool {
        let PowerState { charging, battery_low } = self.said.power;
        match condition {
            Condition::Unmetered | Condition::NotRoaming => {
                Cost::of(self.told.link().state()).is_none_or(|cost| cost.misses(condition))
            }
            Condition::Charging => charging == Some(false),
            Condition::BatteryNotLow => battery_low == Some(true),
        }
    }

    /// Whether it is young enough for a condition to matter.
    fn is_young(&self, condition: Condition, name: &Name, record: &Record) -> Certainty {
        let conditions = &self.parameters.conditions.one_shot;
        let until = match condition {
            Condition::Unmetered => conditions.unmetered,
            Condition::NotRoaming => conditions.not_roaming,
            Condition::Charging => conditions.charging,
            Condition::BatteryNotLow => conditions.battery_not_low,
        };
        let Some(until) = until.map(|age| age.min(conditions.latest)) else { return Certainty::No };
        let on_wall = self.last_now.wall.since(record.registered);
        // Of two clocks the one that makes it older counts.
        let running = record.registered_at.map_or(self.said.ran, |at| self.last_now.monotonic.since(at));
        let youngest = on_wall.saturating_sub(SLACK);
        let oldest = on_wall.saturating_add(SLACK).max(running.saturating_add(SLACK));
        // A call on its way may have made it young again.
        let is_open = !record.certain || self.model.has_asks(name);
        match Certainty::between(youngest < until, oldest < until) {
            Certainty::Yes if is_open => Certainty::Maybe,
            Certainty::No if is_open => Certainty::Maybe,
            known => known,
        }
    }

    /// Nothing that a condition holds is dispatched.
    pub(super) fn meets_its_conditions(&self, key: &RegistrationKey, event: &SyncEventInit) -> Verdict {
        let name = (key.clone(), event.tag.clone());
        let Some(record) = self.model.record(&name) else { return Ok(()) };
        let site = Site::of(key);
        if self.overridden(&site, SyncKind::OneShot) != Certainty::No {
            return Ok(());
        }
        let own = self.said.own.get(&site).copied().flatten();
        let unmet = |condition: &Condition| {
            (self.is_unmet(*condition) || own.is_some_and(|own| own.misses(*condition)))
                && self.is_young(*condition, &name, record) == Certainty::Yes
        };
        match Condition::ALL.into_iter().find(unmet) {
            Some(condition) => broken("I15", format!("{:?} fires, and it waits for {condition:?}", event.tag)),
            None => Ok(()),
        }
    }

    /// Whether some condition that a wake-up names applies to anything.
    pub(super) fn may_be_woken_under(&self, wake_up: &background_sync::WakeUp) -> bool {
        let kinds = SyncKind::ALL.map(|kind| self.parameters.conditions.of(kind));
        let applies = |condition: Condition| kinds.iter().any(|kind| kind.relaxes_at(condition).is_some());
        (!wake_up.unmetered || applies(Condition::Unmetered))
            && (!wake_up.not_roaming || applies(Condition::NotRoaming))
            && (!wake_up.charging || applies(Condition::Charging))
            && (!wake_up.battery_not_low || applies(Condition::BatteryNotLow))
    }
}
