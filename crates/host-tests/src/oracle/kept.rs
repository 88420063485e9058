//! What is written about registrations, and what a restart makes of it.

use background_sync::policy::{PermissionState, SyncKind, UserSwitch};
use background_sync::registration::Now;
use background_sync::registration::{Series, StoredRegistration, StoredState, StoredWait, WallTime};
use background_sync::scheduler::SyncParameters;
use background_sync::{Loaded, WorkerState};

use super::durable::is_row_of;
use super::model::Model;
use super::record::{Record, Wait};
use super::series::{self, Excused, PossibleSeries};
use super::{Verdict, broken};
use crate::Site;

impl Model {
    /// What is written about a registration must be so.
    pub(super) fn written(&mut self, stored: &StoredRegistration) -> Verdict {
        if stored.kind != SyncKind::OneShot {
            return Ok(());
        }
        let name = Self::name(&stored.key, &stored.tag);
        let asked = self.has_asks(&name);
        let Some(record) = self.records.get_mut(&name) else { return Ok(()) };
        if stored.state == StoredState::ReregisteredWhileFiring {
            return Ok(());
        }
        let new = asked && stored.series == Series::default();
        if !record.series.allows(stored.series) && !new && record.certain {
            let what = format!("{:?} is written of {:?}, and should be {:?}", stored.series, stored.tag, record.series);
            return broken("I5", what);
        }
        if !asked && record.certain {
            record.series.is_now(stored.series);
        }
        let Some(networks) = record.networks.as_mut().filter(|_| !asked) else { return Ok(()) };
        match (stored.network, networks.as_slice()) {
            (Some(identity), [Some(network)]) => {
                let known = self.identities.entry(u64::from(identity)).or_insert_with(|| network.clone());
                if known == network {
                    return Ok(());
                }
                broken("network", format!("{:?} was registered on {network:?}, and {known:?} is written", stored.tag))
            }
            (None, [Some(network)]) => {
                broken("network", format!("{:?} was registered on {network:?}, and no network is written", stored.tag))
            }
            _ => {
                *networks =
                    vec![stored.network.and_then(|identity| self.identities.get(&u64::from(identity)).cloned())];
                if stored.network.is_some() && networks[0].is_none() {
                    record.networks = None;
                }
                Ok(())
            }
        }
    }

    /// The process died. What was acknowledged must be in the store, once.
    pub(super) fn restart(&mut self, stored: &[StoredRegistration], parameters: &SyncParameters) -> Verdict {
        for (name, record) in &self.records {
            let copies = stored.iter().filter(|found| is_row_of(found, SyncKind::OneShot, &name.0, &name.1)).count();
            let must_be_there = record.certain && !name.0.partition().is_private();
            if must_be_there && copies != 1 {
                return broken("I3", format!("{:?} was acknowledged, and the store has {copies} of it", name.1));
            }
        }
        let mut before = std::mem::replace(self, Self::starting());
        self.identities = std::mem::take(&mut before.identities);
        let mut stored: Vec<_> = stored.iter().filter(|found| found.kind == SyncKind::OneShot).collect();
        stored.sort_by_key(|record| record.sequence);
        for found in stored {
            // I6: in flight at a crash counts as told.
            if found.state == StoredState::Firing(true) {
                continue;
            }
            self.next_order += 1;
            let name = Self::name(&found.key, &found.tag);
            let mut record = Record::new(self.next_order, found.registered.wall);
            record.networks = match found.network {
                None => Some(vec![None]),
                Some(identity) => self.identities.get(&u64::from(identity)).map(|network| vec![Some(network.clone())]),
            };
            // A call on its way may have become durable, and with it another promise.
            let another = found.series == Series::default() && before.has_asks(&name);
            record.events = before.records.get(&name).filter(|_| !another).map_or(0, |before| before.events);
            resume(&mut record, found, parameters);
            self.records.insert(name, record);
        }
        Ok(())
    }

    /// What belongs to no registration any more, as a host says that could know, goes when the store is read, and what
    /// is not allowed any more.
    pub(super) fn loaded(&mut self, now: Now, loaded: &Loaded, workers_known: bool) {
        if !std::mem::take(&mut self.loading) {
            return;
        }
        for (key, state) in &loaded.worker_states {
            if *state == WorkerState::NoSuchRegistration && workers_known {
                self.records.retain(|(other, _), _| other != key);
            }
        }
        for facts in &loaded.origins {
            let is_off = facts.switch.one_shot == UserSwitch::Off;
            if is_off || facts.permission.one_shot == PermissionState::Denied {
                let site = Site { partition: facts.partition, origin: facts.origin.clone() };
                self.records.retain(|(key, _), _| !site.holds(key));
            }
        }
        for record in self.records.values_mut() {
            record.wait.resume(now);
        }
    }
}

/// What a restart makes of a record.
fn resume(record: &mut Record, found: &StoredRegistration, parameters: &SyncParameters) {
    record.series = PossibleSeries::of(found.series);
    match found.state {
        StoredState::Pending(wait) => record.wait = Wait::stored(wait, false, false),
        StoredState::Waiting(wait, deferred) => record.wait = Wait::stored(Some(wait), true, deferred),
        StoredState::Firing(_) => {
            // I5: the process died in mid-event, or before it.
            record.series.book_event(Excused::Yes, parameters);
            let longest = series::longest_back_off(record.series.most_attempts(), parameters);
            let until = StoredWait::new(far_future(), longest);
            record.wait = Wait::stored(Some(until), true, false);
        }
        StoredState::ReregisteredWhileFiring => record.begin_series(),
    }
}

/// No wall clock bounds a wait that begins when the store is read.
fn far_future() -> WallTime {
    WallTime::from_unix_ms(i64::MAX)
}
