//! Calls of `register` on their way, and what their replies make of the lists.

use std::time::Duration;

use background_sync::policy::{RegistrationKey, SyncKind};
use background_sync::registration::{Now, Tag};
use background_sync::scheduler::{NetworkId, SyncParameters};
use background_sync::{AskedBy, CancelError, Reply, RequestId};

use super::model::{Model, Name};
use super::promise::rest_again;
use super::record::{Again, Certainty, Record, Undelivered, Wait};
use super::requests::{Asked, What};
use super::{Verdict, broken};

/// A call of `register` without a reply.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) name: Name,
    pub(super) order: u64,
    pub(super) at: Now,
    /// Dispatches of the tag when the call was made.
    pub(super) dispatches: u32,
    pub(super) asked_by: AskedBy,
    /// The longest that the loop breaker may hold what it asks for.
    pub(super) hop: Duration,
    /// Networks that were the last one known between the call and its reply.
    pub(super) networks: Vec<Option<NetworkId>>,
    /// What it asks for was taken away before it was durable.
    pub(super) taken_away: bool,
    /// Another call for the tag was on its way already.
    pub(super) joins: bool,
    /// It was decided when it was made.
    pub(super) changes_nothing: bool,
    /// Its tag was registered beyond doubt when it was made.
    pub(super) was_certain: bool,
    /// An event of the tag was running when the call was made.
    pub(super) while_firing: bool,
    /// It may have made a registration younger and changed nothing else.
    pub(super) may_stay_unwritten: bool,
}

impl Model {
    pub(super) fn asked(
        &mut self,
        now: Now,
        request: RequestId,
        call: (&RegistrationKey, &Tag, AskedBy),
        hop: Duration,
        network: Option<&NetworkId>,
        ends_wait: bool,
    ) {
        let (key, tag, asked_by) = call;
        let name = Self::name(key, tag);
        let record = self.records.get(&name);
        // An earlier call of the tag that still waits lends nothing: it may be refused, and then this one is the
        // first. If it is not, there is a record by the time this one has its reply.
        let order = record.map(|record| record.order).unwrap_or_else(|| {
            self.next_order += 1;
            self.next_order
        });
        let dispatches = record.map_or(0, |record| record.dispatches);
        let networks = vec![network.cloned()];
        let joins = self.has_asks(&name);
        // Chromium's way: what is registered and does not fire is left alone, and the call is answered in its turn.
        let changes_nothing = !ends_wait && record.is_some_and(|record| record.running.is_none());
        let was_certain = record.is_some_and(|record| record.certain);
        let while_firing = record.is_some_and(|record| record.running.is_some());
        let waits = |record: &Record| record.wait.lasts(now.monotonic) == Certainty::Yes;
        let rests = |record: &Record| record.running.is_none() && !waits(record);
        let may_stay_unwritten = !joins && record.is_some_and(rests);
        let ask = Ask {
            name,
            order,
            at: now,
            dispatches,
            asked_by,
            hop,
            networks,
            taken_away: false,
            joins,
            changes_nothing,
            was_certain,
            while_firing,
            may_stay_unwritten,
        };
        self.asks.insert(request, ask);
    }

    /// A rule is against it, so nothing comes of it.
    pub(super) fn refused(&mut self, request: RequestId) {
        if let Some(ask) = self.asks.get_mut(&request) {
            ask.changes_nothing = true;
        }
    }

    /// Another network is the last one known.
    pub(super) fn network_named(&mut self, network: Option<&NetworkId>) {
        for ask in self.asks.values_mut() {
            ask.networks.push(network.cloned());
        }
    }

    pub(super) fn replied(
        &mut self,
        now: Now,
        request: RequestId,
        asked: &Asked,
        reply: &Reply,
        parameters: &SyncParameters,
    ) -> Verdict {
        match (&asked.what, reply) {
            (What::Register { kind: SyncKind::OneShot, .. }, Reply::Registered(Ok(()))) => {
                self.registered(now, request, asked.disturbed(), parameters)
            }
            (What::GetTags { kind: SyncKind::OneShot, key }, Reply::Tags(Ok(tags))) => self.listed(key, tags),
            (What::Cancel { .. }, Reply::Cancelled(result)) => {
                if let (Some((name, record)), Err(CancelError::QueueFull)) = (self.cancelled.remove(&request), result) {
                    self.records.entry(name).or_insert(record);
                }
                Ok(())
            }
            (_, _) => {
                self.asks.remove(&request);
                Ok(())
            }
        }
    }

    /// sync.register.8 and sync.register.9.
    fn registered(&mut self, now: Now, request: RequestId, disturbed: bool, parameters: &SyncParameters) -> Verdict {
        let Some(ask) = self.asks.remove(&request) else { return Ok(()) };
        if ask.taken_away {
            return broken(
                "I11",
                format!("{:?} is acknowledged, and was taken away before it was durable", ask.name.1),
            );
        }
        let ended = self.ends.get(&ask.name).map(|ended| ended.at.after(parameters.min_refire_spacing));
        let hop = (ask.asked_by == AskedBy::Worker).then(|| now.monotonic.after(ask.hop));
        let Some(record) = self.records.get_mut(&ask.name) else {
            if ask.was_certain && ask.changes_nothing {
                // What it found registered is gone since, and it registers nothing.
                return Ok(());
            }
            let mut new = Record::new(ask.order, ask.at.wall);
            // One that may have been answered without a write found a registration, which is gone since: only if it was
            // written after all it made another one.
            let may_be_gone = ask.was_certain && ask.may_stay_unwritten;
            new.certain = !disturbed && !may_be_gone;
            new.registered_at = Some(ask.at.monotonic);
            new.undelivered.push(Undelivered { request, sent: now.monotonic, promised: true });
            // It stays away from the event before, if there was one a moment ago.
            new.wait = Wait { at_most: ended.max(hop), ..Wait::default() };
            new.networks = Some(ask.networks);
            self.records.insert(ask.name, new);
            return Ok(());
        };
        record.certain = !disturbed;
        record.new_promise = false;
        record.joined = ask.joins;
        record.may_be_unwritten = ask.may_stay_unwritten;
        // Chromium leaves alone what waits or is pending when the call is made.
        let counts =
            parameters.register_ends_wait || ask.while_firing || (record.running.is_some() && !ask.changes_nothing);
        if counts {
            record.registered = ask.at.wall;
            record.registered_at = Some(ask.at.monotonic);
        }
        if counts && record.running.is_some() {
            let during = ask.dispatches == record.dispatches;
            record.again_by_worker |= ask.asked_by == AskedBy::Worker;
            record.again_hop = record.again_hop.max(ask.hop).max(parameters.min_refire_spacing);
            record.again = match (record.again, during) {
                (Again::Yes, _) | (_, true) => Again::Yes,
                (Again::No | Again::Maybe, false) => Again::Maybe,
            };
        } else if counts {
            record.new_promise = record.wait.backs_off(now.monotonic) == Certainty::Yes;
            rest_again(record, &ask, now.monotonic, parameters);
        }
        if counts {
            record.undelivered.push(Undelivered { request, sent: now.monotonic, promised: false });
            record.may_be_of(&ask.networks);
            record.declined.clear();
        }
        Ok(())
    }
}
