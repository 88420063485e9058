//! Calls of `register` on their way: what they become when they are durable, or when they are not.

use std::time::Duration;

use background_sync_registration::{Asked, Registered, RegistrationState, Sequence, Tag, Wait};

use super::Machine;
use super::log::About;
use super::state::{Ask, Delivery, WorkerIx};
use crate::{AskedBy, EventName, MetadataName, RegisterError, Reply, RequestId, TxnId};

/// Without either word on a reply, it counts as delivered after this long.
const DELIVERY: Duration = Duration::from_secs(1);

impl Machine {
    /// sync.register.7 to sync.register.9 for the calls that are durable now, in call order: those of this number in
    /// this commit, or all. A commit may carry an earlier number of the same tag too.
    pub(super) fn apply_asks(&mut self, ix: WorkerIx, tag: &Tag, carried: Option<(TxnId, Sequence)>) {
        let Some(activity) = self.workers.get_mut(&ix).and_then(|worker| worker.activities.get_mut(tag)) else {
            return;
        };
        let is_durable =
            |ask: &Ask| carried.is_none_or(|(txn, sequence)| ask.txn == Some(txn) && ask.sequence == sequence);
        let (durable, still_waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut activity.asks).into_iter().partition(is_durable);
        activity.asks = still_waiting;
        for ask in durable {
            let request = ask.request;
            self.apply_ask(ix, tag, ask);
            // sync.register.8.3, sync.register.9.5: resolve, and only then let it fire.
            self.decide(ix, request, Reply::Registered(Ok(())));
        }
        self.place_tag(ix, tag);
        self.dispatch_waiting(ix, tag);
    }

    /// An event may have waited for calls that were made before it.
    fn dispatch_waiting(&mut self, ix: WorkerIx, tag: &Tag) {
        let waiting = self.workers.get(&ix).and_then(|worker| worker.activities.get(tag)?.attempt);
        if let Some(id) = waiting {
            self.dispatch_if_ready(id);
        }
    }

    fn apply_ask(&mut self, ix: WorkerIx, tag: &Tag, ask: Ask) {
        let spacing = self.spacing(ix, tag, &ask);
        let network = self.last_network_identity();
        let Some(worker) = self.workers.get_mut(&ix) else { return };
        self.stats.registrations_visited += 1;
        if let Some(activity) = worker.activities.get_mut(tag) {
            activity.declined = None;
        }
        let key = worker.key.clone();
        let asked = Asked {
            tag: tag.clone(),
            sequence: ask.sequence,
            at: ask.at,
            spacing,
            reregistered_in_a_row: ask.while_firing.map_or(0, |before| before.saturating_add(1)),
        };
        let registered = worker.list.register(ask.permit, asked);
        self.wake.something_changed();
        let Some(registration) = worker.list.get_mut(tag) else { return };
        let sequence = registration.sequence();
        let event = match registered {
            Registered::New => EventName::RegisteredSync,
            Registered::StillPending | Registered::NoLongerWaiting | Registered::WhileFiring => {
                EventName::ReregisteredSync
            }
        };
        match registered {
            Registered::StillPending => {}
            Registered::New | Registered::NoLongerWaiting | Registered::WhileFiring => {
                registration.set_network(network);
                self.await_delivery(ix, tag, ask.request);
            }
        }
        self.report(About { key: &key, tag, instance: Some(sequence) }, event, Vec::new());
    }

    /// How far the event that a call asks for has to stay from the one before.
    fn spacing(&self, ix: WorkerIx, tag: &Tag, ask: &Ask) -> Option<Wait> {
        let now = self.now();
        let worker = self.workers.get(&ix)?;
        let refire = self.params.min_refire_spacing;
        let in_a_row = |count: u32| match (ask.asked_by, count) {
            (AskedBy::Worker, _) => ask.hop,
            (AskedBy::Page, 0) => Duration::ZERO,
            (AskedBy::Page, _) => refire,
        };
        let hop = (!ask.hop.is_zero()).then(|| Wait::starting(now, ask.hop));
        let Some(registration) = worker.list.get(tag) else {
            let ended = worker.recent_ends.get(tag);
            let after_end = match (ask.while_firing, ended) {
                (Some(count), Some(ended)) => Wait::since(ended, in_a_row(count), now),
                (None, Some(ended)) => Wait::since(ended, refire.max(ask.hop), now),
                (_, None) => None,
            };
            return Wait::later(after_end, hop.filter(|_| ask.while_firing.is_none()));
        };
        match registration.state() {
            // A page with a window open need not wait for what a worker's loop or a failed start cost.
            RegistrationState::Pending { .. } => match ask.asked_by {
                AskedBy::Worker => None,
                AskedBy::Page => {
                    let ended = registration.last_attempt_ended().max(worker.recent_ends.get(tag));
                    let after_end = ended.and_then(|ended| Wait::since(ended, refire, now));
                    Some(after_end.unwrap_or(Wait::starting(now, Duration::ZERO)))
                }
            },
            RegistrationState::Waiting { .. } => {
                let after_end = registration.last_attempt_ended().and_then(|ended| match ask.while_firing {
                    Some(count) => Wait::since(ended, in_a_row(count), now),
                    None => Wait::since(ended, refire, now),
                });
                Wait::later(after_end, hop)
            }
            RegistrationState::Firing { .. } | RegistrationState::ReregisteredWhileFiring { .. } => {
                Some(Wait::starting(now, in_a_row(registration.reregistered_in_a_row())))
            }
        }
    }

    fn await_delivery(&mut self, ix: WorkerIx, tag: &Tag, request: RequestId) {
        let until = self.monotonic().after(DELIVERY);
        let Some(worker) = self.workers.get_mut(&ix) else { return };
        let activity = worker.activities.entry(tag.clone()).or_default();
        if let Some(before) = activity.delivery.replace(Delivery { request, until }) {
            self.undelivered.remove(&before.request);
        }
        self.undelivered.insert(request, (ix, tag.clone()));
    }

    pub(super) fn fail_asks(&mut self, ix: WorkerIx, tag: &Tag, sequence: Sequence, txn: TxnId) {
        self.reject_asks(ix, tag, RegisterError::Store, |ask| ask.txn == Some(txn) && ask.sequence == sequence);
    }

    /// Rejects calls that are not durable yet.
    pub(super) fn reject_asks(&mut self, ix: WorkerIx, tag: &Tag, error: RegisterError, which: impl Fn(&Ask) -> bool) {
        let Some(worker) = self.workers.get_mut(&ix) else { return };
        let Some(activity) = worker.activities.get_mut(tag) else { return };
        let unborn = worker.list.get(tag).is_none();
        let (rejected, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut activity.asks).into_iter().partition(which);
        let none_left = kept.is_empty();
        activity.asks = kept;
        let key = worker.key.clone();
        if unborn && none_left && !rejected.is_empty() {
            self.count_registration(ix, tag, -1);
        }
        // Of what was never sent to the store nothing has to be taken back, and its number is free again.
        let unsent = rejected.iter().find(|ask| ask.is_first && ask.txn.is_none() && unborn && none_left);
        if let Some(sequence) = unsent.map(|ask| ask.sequence) {
            self.journal.registrations.remove(&sequence);
            self.journal.refused.insert(sequence);
            self.take_back_numbers();
        }
        // What the commit in flight makes of these calls is taken back. A failed one is tried again anyway.
        if let (true, Some(ask)) = (error != RegisterError::Store, rejected.iter().find(|ask| ask.txn.is_some())) {
            self.dirty(ix, tag, ask.sequence, true);
        }
        for ask in rejected {
            let why = vec![(MetadataName::Reason, format!("{error:?}"))];
            self.report(About { key: &key, tag, instance: None }, EventName::RegistrationRefused, why);
            self.decide(ix, ask.request, Reply::Registered(Err(error)));
        }
        self.place_tag(ix, tag);
        self.dispatch_waiting(ix, tag);
    }
}
