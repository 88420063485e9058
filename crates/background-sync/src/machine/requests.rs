//! `register`, `getTags` and the engine's own `Cancel`.

use std::time::Duration;

use background_sync_policy::{
    ActiveWorker, Facts, Origin, Partition, RegistrationCounts, RegistrationKey, RegistrationPermit,
    RegistrationRequest, UserSwitch, authorize,
};
use background_sync_registration::{Observed, RegistrationState, Tag, WallTime};

use super::Machine;
use super::log::About;
use super::removal::Removal;
use super::state::{Ask, OriginIx, OriginState, QueuedReply, RecentEnds, Worker, WorkerIx};
use crate::{
    AskedBy, CancelError, EventName, GetTagsError, MetadataName, Output, RegisterError, Reply, RequestId, WorkerState,
};

impl Machine {
    pub(super) fn register(
        &mut self,
        said_at: WallTime,
        request: RequestId,
        key: RegistrationKey,
        tag: Tag,
        asked_by: AskedBy,
        facts: Facts,
    ) {
        let known = self.worker_by_key.get(&key).copied();
        if !self.has_room(known, &key) {
            return self.emit(Output::Reply { request, reply: Reply::Registered(Err(RegisterError::QueueFull)) });
        }
        self.note_windows(key.partition(), key.origin(), facts.windows);
        let facts = match self.general_switch {
            UserSwitch::On => facts,
            UserSwitch::Off => Facts { switch: UserSwitch::Off, ..facts },
        };
        if known.and_then(|ix| self.workers.get(&ix)).is_some_and(|worker| worker.closed) {
            // I12: an event of its closed partition is being ended; nothing new belongs to it.
            return self.emit(Output::Reply { request, reply: Reply::Registered(Err(RegisterError::Shutdown)) });
        }
        let judged = RegistrationRequest {
            key: &key,
            tag_length: tag.len_utf16(),
            counts: (!self.is_registered(known, &tag)).then(|| self.counts(known, &key)),
        };
        let permit = match authorize(&judged, &facts, &self.params.limits) {
            Ok(permit) => permit,
            Err(refusal) => {
                // I12: of a private partition nothing is known of, which may be closed, nothing is said.
                if known.is_some() || !key.partition().is_private() {
                    let why = vec![(MetadataName::Reason, format!("{refusal:?}"))];
                    self.report(About { key: &key, tag: &tag, instance: None }, EventName::RegistrationRefused, why);
                }
                let reply = Reply::Registered(Err(RegisterError::Refused(refusal)));
                return self.reply_in_turn(known, request, reply);
            }
        };
        let state = state_of(facts.worker);
        let ix = self.worker_for(&key, state);
        self.set_worker_state(ix, state);
        self.note_windows(key.partition(), key.origin(), facts.windows);
        if self.changes_nothing(ix, &tag) {
            return self.reply_in_turn(Some(ix), request, Reply::Registered(Ok(())));
        }
        let at = Observed { wall: said_at, ..self.observed() };
        let ask = self.ask(ix, &tag, at, (request, permit, asked_by));
        self.take_up(ix, tag, ask);
    }

    /// Puts the call on its way: into the commit that carries its tag already, or into the next one.
    fn take_up(&mut self, ix: WorkerIx, tag: Tag, mut ask: Ask) {
        let Some(worker) = self.workers.get_mut(&ix) else { return };
        let (sequence, private) = (ask.sequence, worker.key.partition().is_private());
        worker.replies.push_back(QueuedReply::Undecided(ask.request));
        let activity = worker.activities.entry(tag.clone()).or_default();
        // I11: joins the fate of an equal call whose commit is in flight.
        ask.txn = activity.asks.iter().rev().find_map(|earlier| earlier.txn);
        let coalesced = ask.txn.is_some();
        activity.asks.push(ask);
        self.count_queued(ix, 1);
        if private {
            // I12: a private partition has nothing to wait for.
            self.apply_asks(ix, &tag, None);
        } else if !coalesced {
            self.dirty(ix, &tag, sequence, true);
        }
    }

    fn ask(
        &mut self,
        ix: WorkerIx,
        tag: &Tag,
        at: Observed,
        (request, permit, asked_by): (RequestId, RegistrationPermit, AskedBy),
    ) -> Ask {
        let now = self.monotonic();
        let existing = self.workers.get(&ix).and_then(|worker| worker.list.get(tag)).map(|registration| {
            let in_a_row = registration.reregistered_in_a_row();
            (registration.sequence(), registration.state().is_firing().then_some(in_a_row))
        });
        let earlier = self.workers.get(&ix).and_then(|worker| worker.activities.get(tag)?.asks.first());
        let is_first = existing.is_none() && earlier.is_none();
        let (sequence, while_firing) = match (existing, earlier) {
            (Some(found), _) => found,
            // Its event ended while an earlier call for the tag was on its way: that one decides.
            (None, Some(earlier)) => (earlier.sequence, earlier.while_firing),
            (None, None) => {
                self.count_registration(ix, tag, 1);
                (self.new_sequence(), None)
            }
        };
        let hop = match (asked_by, self.workers.get_mut(&ix)) {
            (AskedBy::Worker, Some(worker)) => worker.breaker.worker_registers(now, &self.params),
            (AskedBy::Page, _) | (AskedBy::Worker, None) => Duration::ZERO,
        };
        Ask { request, permit, sequence, is_first, asked_by, at, hop, while_firing, txn: None }
    }

    /// Chromium's way, if the parameters ask for it: registering a tag that waits or is pending leaves
    /// it alone.
    fn changes_nothing(&self, ix: WorkerIx, tag: &Tag) -> bool {
        let registration = self.workers.get(&ix).and_then(|worker| worker.list.get(tag));
        !self.params.register_ends_wait
            && registration.is_some_and(|registration| match registration.state() {
                RegistrationState::Pending { .. } | RegistrationState::Waiting { .. } => true,
                RegistrationState::Firing { .. } | RegistrationState::ReregisteredWhileFiring { .. } => false,
            })
    }

    /// Registered, or on its way to be.
    fn is_registered(&self, ix: Option<WorkerIx>, tag: &Tag) -> bool {
        ix.and_then(|ix| self.workers.get(&ix)).is_some_and(|worker| {
            worker.list.get(tag).is_some()
                || worker.activities.get(tag).is_some_and(|activity| !activity.asks.is_empty())
        })
    }

    fn counts(&self, ix: Option<WorkerIx>, key: &RegistrationKey) -> RegistrationCounts {
        let of_worker = ix.and_then(|ix| self.workers.get(&ix)).map_or(0, |worker| worker.registrations);
        let origin =
            self.origin_by_name.get(&(key.origin().clone(), key.partition())).and_then(|ix| self.origins.get(ix));
        let (of_origin, tag_bytes_of_origin) = origin.map_or((0, 0), |origin| (origin.registrations, origin.tag_bytes));
        RegistrationCounts { of_worker, of_origin, tag_bytes_of_origin }
    }

    /// There is one registration of this tag more (`by` 1) or fewer (`by` -1).
    pub(super) fn count_registration(&mut self, ix: WorkerIx, tag: &Tag, by: isize) {
        self.keep_running_time();
        let Some(worker) = self.workers.get_mut(&ix) else { return };
        self.registration_count = self.registration_count.saturating_add_signed(by);
        worker.registrations = worker.registrations.saturating_add_signed(by);
        if let Some(origin) = self.origins.get_mut(&worker.origin) {
            origin.registrations = origin.registrations.saturating_add_signed(by);
            let bytes = isize::try_from(tag.len_utf16().saturating_mul(2)).unwrap_or(isize::MAX);
            origin.tag_bytes = origin.tag_bytes.saturating_add_signed(bytes.saturating_mul(by));
        }
    }

    /// `getTags()`: of a registration nothing is known of, the empty list.
    pub(super) fn get_tags(&mut self, request: RequestId, key: &RegistrationKey) {
        let known = self.worker_by_key.get(key).copied();
        let Some(ix) = known.filter(|ix| !self.none_waits(*ix)) else {
            let tags = known.and_then(|ix| self.workers.get(&ix)).map(|worker| worker.list.tags());
            let tags = tags.unwrap_or_default();
            self.stats.registrations_visited += tags.len() as u64;
            return self.emit(Output::Reply { request, reply: Reply::Tags(Ok(tags)) });
        };
        if !self.has_room(known, key) {
            return self.emit(Output::Reply { request, reply: Reply::Tags(Err(GetTagsError::QueueFull)) });
        }
        if let Some(worker) = self.workers.get_mut(&ix) {
            worker.replies.push_back(QueuedReply::Tags(request));
            self.count_queued(ix, 1);
        }
    }

    pub(super) fn cancel(&mut self, request: RequestId, key: &RegistrationKey, tag: &Tag) {
        let known = self.worker_by_key.get(key).copied();
        if !self.has_room(known, key) {
            return self.emit(Output::Reply { request, reply: Reply::Cancelled(Err(CancelError::QueueFull)) });
        }
        let (Some(ix), true) = (known, self.is_registered(known, tag)) else {
            return self.reply_in_turn(known, request, Reply::Cancelled(Ok(false)));
        };
        self.remove_tag(ix, tag, Removal::Cancelled);
        if key.partition().is_private() {
            return self.reply_in_turn(Some(ix), request, Reply::Cancelled(Ok(true)));
        }
        if let Some(worker) = self.workers.get_mut(&ix) {
            worker.replies.push_back(QueuedReply::Undecided(request));
            self.count_queued(ix, 1);
        }
        self.journal.cancels.push((ix, request));
        self.journal.urgent = true;
    }

    /// The worker with this key, made in this state if there is none.
    pub(super) fn worker_for(&mut self, key: &RegistrationKey, state: WorkerState) -> WorkerIx {
        if let Some(ix) = self.worker_by_key.get(key).copied() {
            return ix;
        }
        let ix = WorkerIx(self.new_index());
        let origin = self.origin_for(key.partition(), key.origin());
        if let Some(state) = self.origins.get_mut(&origin) {
            state.workers += 1;
        }
        self.worker_by_key.insert(key.clone(), ix);
        self.workers.insert(
            ix,
            Worker {
                key: key.clone(),
                origin,
                list: background_sync_registration::SyncRegistrationList::new(key.clone()),
                state,
                registrations: 0,
                activities: std::collections::BTreeMap::new(),
                replies: std::collections::VecDeque::new(),
                breaker: background_sync_scheduler::LoopBreaker::default(),
                recent_ends: RecentEnds::default(),
                closed: false,
            },
        );
        ix
    }

    pub(super) fn origin_for(&mut self, partition: Partition, origin: &Origin) -> OriginIx {
        if let Some(ix) = self.origin_by_name.get(&(origin.clone(), partition)) {
            return *ix;
        }
        let ix = OriginIx(self.new_index());
        self.origin_by_name.insert((origin.clone(), partition), ix);
        self.origins.insert(ix, OriginState::new(partition, origin.clone(), self.link_epoch, self.latest_notice));
        ix
    }

    pub(super) fn new_index(&mut self) -> u64 {
        let index = self.next_index;
        self.next_index += 1;
        index
    }

    pub(super) fn new_sequence(&mut self) -> background_sync_registration::Sequence {
        let sequence = self.next_sequence;
        self.next_sequence.0 = sequence.0.saturating_add(1);
        sequence
    }
}

/// What the facts of a call say about its worker.
fn state_of(active: ActiveWorker) -> WorkerState {
    match active {
        ActiveWorker::NoSuchRegistration => WorkerState::NoSuchRegistration,
        ActiveWorker::None => WorkerState::None,
        ActiveWorker::Activating => WorkerState::Activating,
        ActiveWorker::Active => WorkerState::Active,
    }
}
