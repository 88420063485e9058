//! Calls of `register`, `unregister` and `getTags`, and what their replies make of the lists.

use background_sync::policy::{RegistrationKey, SyncKind};
use background_sync::registration::{MinInterval, Now, Tag};
use background_sync::scheduler::{NetworkId, SyncParameters};
use background_sync::{CancelError, Reply, RequestId, UnregisterError};

use super::Periodic;
use super::record::{Record, Span};
use crate::Site;
use crate::oracle::durable::Durable;
use crate::oracle::model::Name;
use crate::oracle::record::Again;
use crate::oracle::requests::{Asked, What};
use crate::oracle::{Verdict, broken};

/// A call of `register` without a reply.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) name: Name,
    pub(super) order: u64,
    pub(super) at: Now,
    pub(super) interval: MinInterval,
    /// The event of the tag that ran when the call was made.
    running: Option<background_sync::AttemptId>,
    networks: Vec<Option<NetworkId>>,
    /// Its tag was registered beyond doubt when it was made.
    was_certain: bool,
    /// Another call for the tag was on its way already.
    joins: bool,
    /// It was decided when it was made.
    pub(super) is_decided: bool,
    /// What it asks for was taken away before it was durable.
    pub(super) taken_away: bool,
    /// The later call that takes away what it asks for: both are resolved.
    pub(super) undone_by: Option<RequestId>,
}

impl Periodic {
    pub(super) fn asked(
        &mut self,
        now: Now,
        request: RequestId,
        (key, tag, interval): (&RegistrationKey, &Tag, MinInterval),
        network: Option<&NetworkId>,
        is_refused: bool,
    ) {
        let (name, site) = (Self::name(key, tag), Site::of(key));
        let had_any = self.is_registered(&site);
        let record = self.records.get(&name);
        let order = record.map(|record| record.order).unwrap_or_else(|| {
            self.next_order += 1;
            self.next_order
        });
        let ask = Ask {
            order,
            at: now,
            interval,
            running: record.and_then(|record| record.running),
            networks: vec![network.cloned()],
            was_certain: record.is_some_and(|record| record.certain),
            joins: self.has_asks(&name),
            is_decided: is_refused,
            taken_away: false,
            undone_by: None,
            name,
        };
        if !is_refused {
            self.sites.entry(site).or_default().may_be_registered(now.wall, had_any);
        }
        self.asks.insert(request, ask);
    }

    /// Another network is the last one known.
    pub(super) fn network_named(&mut self, network: Option<&NetworkId>) {
        self.asks.values_mut().for_each(|ask| ask.networks.push(network.cloned()));
    }

    /// What a reply to a request of either kind means for the periodic lists.
    pub(in crate::oracle) fn replied(
        &mut self,
        request: RequestId,
        asked: &Asked,
        reply: &Reply,
        durable: &Durable,
        parameters: &SyncParameters,
    ) -> Verdict {
        match (&asked.what, reply) {
            (What::Register { kind: SyncKind::Periodic, .. }, Reply::Registered(Ok(()))) => {
                self.registered(request, asked.disturbed(), durable, parameters)?;
            }
            (What::GetTags { kind: SyncKind::Periodic, key }, Reply::Tags(Ok(tags))) => self.listed(key, tags)?,
            (What::Unregister { key, tag }, Reply::Unregistered(Ok(()))) => self.unregistered(key, tag, durable)?,
            (What::Cancel { .. }, Reply::Cancelled(Err(CancelError::QueueFull)))
            | (What::Unregister { .. }, Reply::Unregistered(Err(UnregisterError::QueueFull))) => {
                if let Some((name, record)) = self.cancelled.remove(&request) {
                    self.records.entry(name).or_insert(record);
                }
                self.asks.values_mut().for_each(|ask| ask.undone_by = ask.undone_by.filter(|by| *by != request));
            }
            (_, _) => {}
        }
        self.asks.remove(&request);
        self.cancelled.remove(&request);
        self.forget_empty_sites();
        Ok(())
    }

    /// periodic.register.8 and periodic.register.9.
    fn registered(
        &mut self,
        request: RequestId,
        disturbed: bool,
        durable: &Durable,
        parameters: &SyncParameters,
    ) -> Verdict {
        let Some(ask) = self.asks.remove(&request) else { return Ok(()) };
        let name = ask.name.clone();
        if ask.taken_away {
            return broken("I11", format!("{:?} is acknowledged, and was taken away before it was durable", name.1));
        }
        let others: Vec<_> =
            self.asks.values().filter(|other| other.name == name).map(|other| other.interval).collect();
        match self.records.get_mut(&name) {
            Some(record) => {
                record.certain = !disturbed;
                // Calls that were made later may count already; those that do have their replies to come.
                let is_same = record.interval == Span::of(ask.interval) && others.is_empty() && !ask.joins;
                record.interval = Span::of(ask.interval);
                record.again = match (record.again, is_same) {
                    (Again::Yes, _) => Again::Yes,
                    (_, true) if record.running.is_some() && record.running == ask.running => Again::Yes,
                    (_, _) if record.tries.is_some() => Again::Maybe,
                    (again, _) => again,
                };
            }
            None => {
                let mut record = Record::new(ask.order, ask.at.wall, Span::of(ask.interval));
                record.certain = !disturbed && !ask.was_certain;
                record.networks = Some(ask.networks.clone());
                if let Some(by) = ask.undone_by {
                    // It was there for a moment at most.
                    self.cancelled.insert(by, (name, record));
                    return Ok(());
                }
                self.records.insert(name.clone(), record);
            }
        }
        self.keep_their_caps(&name.0, parameters)?;
        self.acknowledged(&ask, &others, durable)
    }

    /// I3: commit, then reply.
    fn acknowledged(&self, ask: &Ask, others: &[MinInterval], durable: &Durable) -> Verdict {
        let (key, tag) = &ask.name;
        let is_certain = self.records.get(&ask.name).is_some_and(|record| record.certain);
        if key.partition().is_private() || !is_certain {
            return Ok(());
        }
        let row = durable.row(SyncKind::Periodic, key, tag).and_then(|row| row.schedule);
        match row {
            None => broken("I3", format!("{tag:?} is acknowledged and not durable")),
            Some(schedule) if schedule.min_interval != ask.interval && !others.contains(&schedule.min_interval) => {
                broken("I3", format!("{tag:?} is acknowledged, and durable is {schedule:?}"))
            }
            Some(_) => Ok(()),
        }
    }

    /// I10: an existing tag may always be registered again; there are no more of them than may be.
    fn keep_their_caps(&self, key: &RegistrationKey, parameters: &SyncParameters) -> Verdict {
        let of_key = self.records.iter().filter(|(name, record)| name.0 == *key && record.certain).count();
        if of_key > parameters.limits.max_registrations_per_worker {
            return broken("I10", format!("{of_key} periodic tags of {key:?} are registered"));
        }
        Ok(())
    }

    /// I3, the other way: what is said to be unregistered no crash brings back.
    fn unregistered(&self, key: &RegistrationKey, tag: &Tag, durable: &Durable) -> Verdict {
        let name = Self::name(key, tag);
        if self.has_asks(&name) || self.records.contains_key(&name) {
            return Ok(());
        }
        match durable.row(SyncKind::Periodic, key, tag) {
            Some(_) => broken("I3", format!("{tag:?} is said to be unregistered, and the store has it")),
            None => Ok(()),
        }
    }

    /// periodic.getTags: all that is acknowledged, first registration first.
    fn listed(&self, key: &RegistrationKey, tags: &[Tag]) -> Verdict {
        for ((_, tag), _) in self.records.iter().filter(|(name, record)| name.0 == *key && record.certain) {
            if !tags.contains(tag) {
                return broken("getTags", format!("{tag:?} is registered and missing in {tags:?}"));
            }
        }
        let mut last = 0;
        for tag in tags {
            let name = Self::name(key, tag);
            match self.records.get(&name) {
                Some(record) if record.certain => {
                    if record.order < last {
                        return broken("getTags", format!("{tag:?} was registered before others in {tags:?}"));
                    }
                    last = record.order;
                }
                Some(_) => {}
                // The call that takes it away was made later, and has its reply to come.
                None if self.has_asks(&name) || self.cancelled.values().any(|(other, _)| *other == name) => {}
                None => return broken("getTags", format!("{tag:?} is listed and not registered")),
            }
        }
        Ok(())
    }

    /// An origin of which nothing is registered has nothing that goes on without a break.
    pub(super) fn forget_empty_sites(&mut self) {
        let empty: Vec<_> = self.sites.keys().filter(|site| !self.may_have_any(site)).cloned().collect();
        for site in empty {
            if let Some(state) = self.sites.get_mut(&site) {
                state.emptied();
            }
        }
    }
}
