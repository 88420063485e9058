//! What is due and held by nothing fires (invariant I15), as far as that does not depend on visits; what may start at
//! all; and what the device has to be woken for.

use std::time::Duration;

use background_sync::policy::{RegistrationKey, SyncKind};
use background_sync::registration::{Tag, WallTime};
use background_sync::scheduler::NetworkMode;

use super::record::{Record, longest_tries};
use crate::Site;
use crate::oracle::attempts::Tagged;
use crate::oracle::holds::{Hold, OF_ALL};
use crate::oracle::model::Name;
use crate::oracle::record::Certainty;
use crate::oracle::told::Sight;
use crate::oracle::{Oracle, Verdict, broken};

/// Clocks may be so far apart before anybody takes notice.
pub(super) const APART: Duration = Duration::from_secs(3);
/// Where several are due some have to wait for the others: as long as a turn lasts, and a little more.
const WITH_OTHERS: Duration = Duration::from_secs(2 * 3_600);

impl Oracle {
    /// The periodic tags of a key that a start may be for.
    pub(in crate::oracle) fn periodic_startable(&self, key: &RegistrationKey) -> Vec<Tagged> {
        let suspended =
            self.periodic.sites.get(&Site::of(key)).is_some_and(|site| site.is_suspended() == Certainty::Yes);
        let of_key = self.periodic.records.iter().filter(|(name, _)| name.0 == *key && !suspended);
        let may = of_key
            .filter(|(_, record)| record.running.is_none() && (record.may_be_retried() || record.over_since.is_some()));
        may.map(|((_, tag), _)| (SyncKind::Periodic, tag.clone())).collect()
    }

    /// I15, for what has to fire by the clock.
    pub(in crate::oracle) fn what_is_due_fires(&mut self) -> Verdict {
        if self.periodic.records.is_empty() || !self.told.is_loaded() || self.told.stopping() {
            return Ok(());
        }
        if OF_ALL.into_iter().any(|hold| self.hold_of_all(hold).is_possible()) {
            self.periodic.records.values_mut().for_each(|record| record.free_since = None);
            return Ok(());
        }
        let now = self.last_now;
        let names: Vec<_> = self.periodic.records.keys().cloned().collect();
        for name in names {
            let site = Site::of(&name.0);
            let is_due = self.periodic.records.get(&name).is_some_and(|record| self.is_due(&name, record, &site));
            let is_free = is_due && self.nothing_else_holds(&name, &site) && self.a_spread_is_over(&site);
            let alone = self.periodic.of_site(&site).count() == 1;
            let Some(record) = self.periodic.records.get_mut(&name) else { continue };
            let since = is_free.then(|| record.free_since.unwrap_or(now.monotonic));
            record.free_since = since;
            let patience = if alone { Duration::ZERO } else { WITH_OTHERS };
            if since.is_some_and(|since| now.monotonic.since(since) >= patience) {
                return broken(
                    "I15",
                    format!("{:?} of {} is due, nothing holds it, and it does not start", name.1, site.origin),
                );
            }
        }
        Ok(())
    }

    /// Whether it is due beyond doubt: no visit was told of, so it goes by the clock.
    fn is_due(&self, name: &Name, record: &Record, site: &Site) -> bool {
        let params = &self.parameters.periodic;
        let Some(state) = self.periodic.sites.get(site) else { return false };
        let by = self.due_by(name, record, site);
        self.parameters.runs(SyncKind::Periodic)
            && record.certain
            && record.running.is_none()
            && record.tries.is_none()
            && record.unsettled_until.is_none_or(|until| until <= self.last_now.wall)
            && !(params.follow_visits && state.visited)
            && !state.is_suspended().is_possible()
            && !self.periodic.has_asks(name)
            && !state.may_have_turn_of_others(self.last_now.wall, &name.0)
            && !self.another_is_tried(name, site)
            && by.is_some_and(|by| by.after(APART) <= self.last_now.wall)
    }

    /// A series that has begun goes on, and a host may have put its next event off for long.
    fn another_is_tried(&self, name: &Name, site: &Site) -> bool {
        let lasts = longest_tries(&self.parameters.periodic, self.parameters.max_start_duration);
        let by = |record: &Record| record.tries.as_ref()?.follows.map(|at| at.after(lasts).after(WITH_OTHERS));
        let mut others = self.periodic.of_site(site).filter(|(other, _)| *other != name);
        others.any(|(_, record)| by(record).is_some_and(|by| self.last_now.monotonic < by))
    }

    /// By when it is due, as far as intervals go.
    fn due_by(&self, name: &Name, record: &Record, site: &Site) -> Option<WallTime> {
        let own = record.anchor.most.after(self.periodic.interval(name, record).most.duration());
        let of_site = self.periodic.sites.get(site)?.due(&self.parameters.periodic)?;
        Some(own.max(of_site.most))
    }

    /// Nothing but a spread, which begins then.
    fn nothing_else_holds(&self, name: &Name, site: &Site) -> bool {
        let (now, params) = (self.last_now, &self.parameters.periodic);
        let least = params.max_event_duration.min(self.parameters.min_event_duration);
        !self.periodic.passes.may_be_used_up(now.wall, params)
            && !self.periodic.days.may_be_used_up(now.wall, site, least, params)
            && !self.attempts.of_site(now, site, SyncKind::Periodic).is_possible()
            && !self.workers.hold(&name.0).is_possible()
            && self.unmet_of_periodic(site, Certainty::Maybe).is_empty()
            && self.parameters.network_mode == NetworkMode::Any
            && self.told.left_of_wake_up(now.monotonic).is_none()
            && !self.hold_of_origin(Hold::OriginConcurrency, site).is_possible()
            && !self.hold_of_origin(Hold::OriginNetwork, site).is_possible()
    }

    /// Nothing that a condition holds is dispatched; one relaxes so long after its origin was due, and an origin is due
    /// with the first of its syncs: those that are judged with it go by that too, and so do retries.
    pub(in crate::oracle) fn meets_periodic_conditions(&self, key: &RegistrationKey, tag: &Tag) -> Verdict {
        let (name, site) = ((key.clone(), tag.clone()), Site::of(key));
        let Some(record) = self.periodic.records.get(&name) else { return Ok(()) };
        let Some(state) = self.periodic.sites.get(&site) else { return Ok(()) };
        let (now, ran) = (self.last_now.wall, self.said.has_run());
        let since = state.overdue_since(now, key, tag, record.over_since.filter(|_| record.tries.is_none()));
        let age = since.map_or(Duration::ZERO, |since| since.age(now, ran)).saturating_add(APART);
        let unmet = self.unmet_of_periodic(&site, Certainty::Yes);
        match unmet.into_iter().find(|(_, relaxes)| age < *relaxes) {
            Some((condition, _)) => broken("I15", format!("periodic {tag:?} fires, and it waits for {condition:?}")),
            None => Ok(()),
        }
    }

    /// The spread of an origin begins when nothing else holds it.
    fn a_spread_is_over(&mut self, site: &Site) -> bool {
        let now = self.last_now.monotonic;
        let seen = || self.told.sight(now, site, &self.parameters) == Sight::Seen;
        self.memory.spread_begins(site, now, seen, &self.parameters);
        !self.hold_of_origin(Hold::Spread, site).is_possible()
    }

    /// Whether the device has to be woken for something that is planned by the clock.
    pub(in crate::oracle) fn a_wake_up_is_due_for_a_plan(&self) -> bool {
        if self.attempts.any(self.last_now, |_| true).is_possible() || !self.parameters.runs(SyncKind::Periodic) {
            return false;
        }
        self.periodic.records.iter().any(|(name, record)| {
            let site = Site::of(&name.0);
            let Some(state) = self.periodic.sites.get(&site) else { return false };
            let waits = record.certain
                && record.running.is_none()
                && record.tries.is_none()
                && record.unsettled_until.is_none()
                && !name.0.partition().is_private();
            // One that may have its turn is looked for among what is ready.
            let is_planned = record.over_since.is_none() && self.periodic.of_site(&site).count() == 1;
            waits
                && is_planned
                && !state.visited
                && !state.is_suspended().is_possible()
                && !self.periodic.has_asks(name)
        })
    }
}

impl super::Periodic {
    /// Whether anything of the profile may be registered.
    pub(in crate::oracle) fn any_of_profile(&self) -> bool {
        let of_profile = |key: &RegistrationKey| !key.partition().is_private();
        self.records.keys().any(|name| of_profile(&name.0)) || self.asks.values().any(|ask| of_profile(&ask.name.0))
    }
}
