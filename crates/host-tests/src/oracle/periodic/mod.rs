//! Periodic syncs, once more and plainly.
//!
//! Where an event is placed depends on visits and on what is learnt of them, and nobody can say that from outside. What
//! must hold wherever it is placed can be said: nothing fires before its earliest moment, a pass takes one turn, a day
//! has its bounds, and where no visit was told of there is nothing to learn, so what is due has to fire.

mod across;
mod calls;
mod days;
mod due;
mod events;
mod heard;
mod kept;
mod learnt;
mod record;
mod removals;
mod site;
mod views;

use std::collections::BTreeMap;
use std::time::Duration;

use background_sync::PeriodicInput;
use background_sync::RequestId;
use background_sync::policy::{Origin, Partition, RegistrationKey};
use background_sync::registration::{MinInterval, Now, Tag, WallTime};
use background_sync::scheduler::SyncParameters;

use super::model::Name;
use super::record::Certainty;
use super::told::Told;
use crate::Site;
use across::Passes;
use calls::Ask;
use days::Days;
use due::APART;
use learnt::Learnt;
use record::{Record, Span};
use site::SiteState;

/// The periodic half of the lists, as far as it can be known from outside.
#[derive(Clone, Debug, Default)]
pub(super) struct Periodic {
    records: BTreeMap<Name, Record>,
    asks: BTreeMap<RequestId, Ask>,
    sites: BTreeMap<Site, SiteState>,
    days: Days,
    passes: Passes,
    learnt: Learnt,
    /// What cancellations took away that have no reply yet.
    cancelled: BTreeMap<RequestId, (Name, Record)>,
    /// Origins of which a worker that was ready said that they may not.
    denied: Vec<(Partition, Origin)>,
    /// What was said of origins before the store was read: it counts from then.
    early: Vec<PeriodicInput>,
    next_order: u64,
    loading: bool,
}

impl Periodic {
    /// Before the store was read.
    pub(super) fn starting() -> Self {
        Self { loading: true, ..Self::default() }
    }

    fn name(key: &RegistrationKey, tag: &Tag) -> Name {
        (key.clone(), tag.clone())
    }

    fn has_asks(&self, name: &Name) -> bool {
        self.asks.values().any(|ask| ask.name == *name)
    }

    /// What its interval may be by now: a call that has no reply yet may count already.
    fn interval(&self, name: &Name, record: &Record) -> Span<MinInterval> {
        let asked = self.asks.values().filter(|ask| ask.name == *name).map(|ask| ask.interval);
        asked.fold(record.interval, Span::with)
    }

    fn of_site<'a>(&'a self, site: &'a Site) -> impl Iterator<Item = (&'a Name, &'a Record)> {
        self.records.iter().filter(|(name, _)| site.holds(&name.0))
    }

    /// Whether something of an origin is registered.
    pub(super) fn is_registered(&self, site: &Site) -> Certainty {
        Certainty::between(self.may_have_any(site), self.of_site(site).any(|(_, record)| record.certain))
    }

    /// Whether something of an origin may be registered, or be on its way to be.
    fn may_have_any(&self, site: &Site) -> bool {
        self.of_site(site).next().is_some() || self.asks.values().any(|ask| site.holds(&ask.name.0))
    }

    /// At each input: what is over by now may have been seen to be.
    pub(super) fn look(&mut self, now: Now, told: &Told, ran: Duration, parameters: &SyncParameters) {
        if self.records.is_empty() || !told.is_loaded() {
            return;
        }
        let intervals: Vec<_> = self.records.iter().map(|(name, record)| self.interval(name, record).least).collect();
        for (record, interval) in self.records.values_mut().zip(&intervals) {
            record.look(now.wall, *interval, &parameters.periodic);
        }
        let params = &parameters.periodic;
        for (site, state) in &mut self.sites {
            let of_site = self.records.iter().zip(&intervals).filter(|((name, _), _)| site.holds(&name.0));
            let earliest = of_site.map(|((_, record), interval)| record.earliest(*interval, params)).min();
            state.look(now.wall, earliest, ran, params);
        }
    }

    /// The clock was set back by so much: what lies in the future counts as of now, if anybody took notice.
    pub(super) fn no_later_than(&mut self, now: WallTime, by: Duration) {
        let counts = if by > APART { Record::no_later_than } else { Record::may_be_no_later_than };
        self.records.values_mut().for_each(|record| counts(record, now));
        self.sites.values_mut().for_each(|site| site.no_later_than(now));
        self.days.no_later_than(now);
        self.passes.no_later_than(now);
    }

    /// The clocks came apart: waits may be over earlier.
    pub(super) fn nothing_known_of_waits(&mut self) {
        self.records.values_mut().for_each(Record::nothing_known_of_waits);
    }

    /// Anything may be gone, and what origins did may be forgotten.
    pub(super) fn doubt_everything(&mut self, now: WallTime) {
        self.records.values_mut().for_each(|record| record.certain = false);
        self.sites.values_mut().for_each(SiteState::may_be_forgotten);
        self.passes = Passes::default();
        self.days.are_unclear(now);
    }

    /// Whatever was registered with this worker may be gone.
    pub(super) fn worker_may_be_gone(&mut self, key: &RegistrationKey) {
        for (_, record) in self.records.iter_mut().filter(|(name, _)| name.0 == *key) {
            record.certain = false;
        }
    }

    /// A worker is started for something periodic.
    pub(in crate::oracle) fn started(&mut self, now: WallTime) {
        self.passes.started(now);
    }

    /// The user was asked about the network for something of this worker.
    pub(super) fn user_answered(&mut self, key: &RegistrationKey) {
        for (_, record) in self.records.iter_mut().filter(|(name, _)| name.0 == *key) {
            record.networks = None;
        }
    }
}
