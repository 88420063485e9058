//! What is written about periodic registrations, and what a restart makes of it.

use background_sync::policy::{SyncKind, UserSwitch};
use background_sync::registration::{MinInterval, Now, Schedule, Series, StoredRegistration, StoredState, WallTime};
use background_sync::{Loaded, PeriodicInput, StoreOp, WorkerState};

use super::Periodic;
use super::record::{Record, Span};
use crate::Site;
use crate::oracle::durable::is_row_of;
use crate::oracle::model::Name;
use crate::oracle::removed::permits;
use crate::oracle::{Verdict, broken};

impl Periodic {
    /// What is written is what was asked for, and counts from when it should.
    pub(in crate::oracle) fn written(&self, stored: &StoredRegistration) -> Verdict {
        if stored.kind != SyncKind::Periodic {
            return Ok(());
        }
        let name = Self::name(&stored.key, &stored.tag);
        let Some(schedule) = stored.schedule else {
            return broken("I3", format!("{:?} is written without its interval", stored.tag));
        };
        let is_as_asked = match self.records.get(&name) {
            Some(record) if record.certain => self.may_be(&name, record, schedule),
            Some(_) => true,
            None => self.is_asked_for(&name, schedule),
        };
        if is_as_asked {
            return Ok(());
        }
        let record = self.records.get(&name);
        broken("I3", format!("{schedule:?} is written of {:?}, and known is {record:?}", stored.tag))
    }

    fn may_be(&self, name: &Name, record: &Record, schedule: Schedule) -> bool {
        if record.tries.is_some() || record.unsettled_until.is_some() {
            // In the middle of its turn nobody can say which anchor it has.
            return true;
        }
        self.interval(name, record).holds(schedule.min_interval) && record.anchor.holds(schedule.anchor)
    }

    fn is_asked_for(&self, name: &Name, schedule: Schedule) -> bool {
        let mut asks = self.asks.values().filter(|ask| ask.name == *name).peekable();
        if asks.peek().is_none() {
            // It is taken away in the same breath.
            return true;
        }
        let asks: Vec<_> = asks.collect();
        asks.iter().any(|ask| ask.interval == schedule.min_interval)
            && asks.iter().any(|ask| ask.at.wall == schedule.anchor)
    }

    /// I11: a store that has lost something is given everything.
    pub(in crate::oracle) fn are_all_in(&self, ops: &[StoreOp]) -> Verdict {
        for ((key, tag), record) in &self.records {
            let put = |op: &StoreOp| match op {
                StoreOp::PutRegistration(stored) => is_row_of(stored, SyncKind::Periodic, key, tag),
                StoreOp::RemoveRegistration(_)
                | StoreOp::PutBudget(_)
                | StoreOp::RemoveBudget(..)
                | StoreOp::PutProfile(_) => false,
            };
            if record.certain && !key.partition().is_private() && !ops.iter().any(put) {
                return broken("I11", format!("periodic {tag:?} is registered, and a rewrite leaves it out"));
            }
        }
        Ok(())
    }

    /// The process died; this is what its store holds.
    pub(in crate::oracle) fn restart(&mut self, now: Now, stored: &[StoredRegistration]) -> Verdict {
        for (name, record) in &self.records {
            let copies = stored.iter().filter(|row| is_row_of(row, SyncKind::Periodic, &name.0, &name.1));
            let copies: Vec<_> = copies.collect();
            if !record.certain || name.0.partition().is_private() {
                continue;
            }
            let [row] = copies[..] else {
                return broken(
                    "I3",
                    format!("periodic {:?} was acknowledged, and the store has {} of it", name.1, copies.len()),
                );
            };
            let interval = row.schedule.map_or(MinInterval::default(), |schedule| schedule.min_interval);
            if !self.interval(name, record).holds(interval) {
                return broken("I3", format!("the store has {interval:?} of {:?}, and known is {record:?}", name.1));
            }
        }
        let before = std::mem::replace(self, Self::starting());
        self.sites = before.sites;
        self.sites.retain(|site, _| !site.partition.is_private());
        (self.days, self.passes) = (before.days, before.passes);
        self.days.died(now);
        self.passes.died();
        let mut rows: Vec<_> = stored.iter().filter(|row| row.kind == SyncKind::Periodic).collect();
        rows.sort_by_key(|row| row.sequence);
        rows.into_iter().for_each(|row| self.resume(row));
        let anchors: Vec<_> = self.records.iter().map(|(name, record)| (Site::of(&name.0), record.anchor)).collect();
        for (site, _) in &anchors {
            self.sites.entry(site.clone()).or_default();
        }
        for (site, state) in &mut self.sites {
            let of_site = anchors.iter().filter(|(other, _)| other == site).map(|(_, anchor)| *anchor);
            state.restarted(of_site.reduce(|sum, next| sum.with(next.least).with(next.most)));
        }
        Ok(())
    }

    fn resume(&mut self, row: &StoredRegistration) {
        self.next_order += 1;
        let schedule = row.schedule.unwrap_or(Schedule::new(MinInterval::default(), row.registered.wall));
        let mut record = Record::new(self.next_order, row.registered.wall, Span::of(schedule.min_interval));
        record.anchor = Span::of(schedule.anchor);
        let rests = matches!(row.state, StoredState::Pending(_)) && row.series == Series::default();
        if !rests {
            // Its turn ends with the process, and its interval counts from when the store is read.
            record.unsettled_until = Some(WallTime::from_unix_ms(i64::MAX));
        }
        self.records.insert(Self::name(&row.key, &row.tag), record);
    }

    /// What belongs to no registration any more goes when the store is read, and what is not allowed any more.
    pub(super) fn loaded(&mut self, now: Now, loaded: &Loaded, workers_known: bool) {
        if !std::mem::take(&mut self.loading) {
            return;
        }
        for (name, record) in &mut self.records {
            record.no_later_than(now.wall);
            if record.unsettled_until.is_some() {
                record.is_over(now.wall);
                if let Some(state) = self.sites.get_mut(&Site::of(&name.0)) {
                    state.may_have_fired(now.wall);
                }
            }
        }
        self.sites.values_mut().for_each(|site| site.no_later_than(now.wall));
        self.take_away_what_may_not_stay(loaded, workers_known);
        for facts in &loaded.origins {
            let (partition, origin) = (facts.partition, facts.origin.clone());
            self.counts(&PeriodicInput::EngagementChanged {
                partition,
                origin: origin.clone(),
                engagement: facts.engagement,
            });
            self.counts(&PeriodicInput::PauseChanged { partition, origin, paused: facts.paused });
        }
        std::mem::take(&mut self.early).iter().for_each(|input| self.counts(input));
        self.forget_empty_sites();
    }

    fn take_away_what_may_not_stay(&mut self, loaded: &Loaded, workers_known: bool) {
        for (key, state) in &loaded.worker_states {
            if *state == WorkerState::NoSuchRegistration && workers_known {
                self.records.retain(|(other, _), _| other != key);
            }
        }
        for facts in &loaded.origins {
            let is_off = facts.switch.periodic == UserSwitch::Off;
            if is_off || !permits(SyncKind::Periodic, facts.permission.periodic) {
                let site = Site { partition: facts.partition, origin: facts.origin.clone() };
                self.records.retain(|(key, _), _| !site.holds(key));
            }
        }
    }
}
