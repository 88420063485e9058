//! `register`, `getTags` and the engine's own `Cancel`.

use background_sync_policy::{
    Facts, Origin as OriginName, Partition, RegistrationCounts, RegistrationKey, RegistrationPermit,
    RegistrationRequest, SyncKind, UserSwitch, WorkerState, authorize,
};
use background_sync_registration::{Observed, RegistrationState, Sequence, Tag, TagId, WallTime};
use background_sync_scheduler::AskedBy;

use crate::machine::Machine;
use crate::machine::parts::journal::Ending;
use crate::machine::parts::origins::{Origin, OriginIx};
use crate::machine::parts::outbox::About;
use crate::machine::parts::registry::{Ask, Wanted, WorkerIx};
use crate::machine::parts::replies::Asker;
use crate::machine::steps::removal::Removal;
use crate::{CancelError, Detail, EventName, GetTagsError, Reason, RegisterError, Reply, RequestId};

/// A call of `register` as it came.
#[derive(Clone, Copy, Debug)]
pub(in crate::machine) struct Call {
    pub(in crate::machine) request: RequestId,
    /// Earlier than now for what waited for the store.
    pub(in crate::machine) said_at: WallTime,
    pub(in crate::machine) asked_by: AskedBy,
    pub(in crate::machine) wanted: Wanted,
}

impl Machine {
    pub(in crate::machine) fn register(&mut self, call: Call, key: &RegistrationKey, tag: &Tag, facts: Facts) {
        let known = self.registry.find(key);
        if !self.has_room(known, key) {
            return self.out.reply(call.request, Reply::Registered(Err(RegisterError::QueueFull)));
        }
        match known.and_then(|ix| self.registry.worker(ix)).map(|worker| worker.origin()) {
            Some(origin) => self.note_windows_of(origin, facts.windows),
            None => self.note_windows(key.partition(), key.origin(), facts.windows),
        }
        let kind = call.wanted.kind();
        let facts = match self.around.switch(kind) {
            UserSwitch::On if self.rules.params().runs(kind) => facts,
            UserSwitch::On | UserSwitch::Off => Facts { switch: UserSwitch::Off, ..facts },
        };
        if known.and_then(|ix| self.registry.worker(ix)).is_some_and(|worker| worker.is_closed()) {
            // I12: an event of its closed partition is being ended; nothing new belongs to it.
            return self.out.reply(call.request, Reply::Registered(Err(RegisterError::Shutdown)));
        }
        let found = known.and_then(|ix| self.registry.find_tag(ix, kind, tag));
        let judged = RegistrationRequest::new(
            key,
            kind,
            tag.len_utf16(),
            (!self.is_registered(found)).then(|| self.counts(known, key, kind)),
        );
        let permit = match authorize(&judged, &facts, &self.rules.params().limits) {
            Ok(permit) => permit,
            Err(refusal) => {
                // I12: of a private partition nothing is known of, which may be closed, nothing is said.
                if known.is_some() || !key.partition().is_private() {
                    let why = vec![Detail::Reason(Reason::Refused(refusal))];
                    let about = About { key, kind, tag, instance: None };
                    self.out.report(self.time.wall(), about, EventName::RegistrationRefused, why);
                }
                let reply = Reply::Registered(Err(RegisterError::Refused(refusal)));
                return self.reply_in_turn(known, call.request, reply);
            }
        };
        let state = facts.worker;
        let Some(ix) = known.or_else(|| self.worker_for(key, state)) else {
            return self.out.reply(call.request, Reply::Registered(Err(RegisterError::QueueFull)));
        };
        self.set_worker_state(ix, state);
        if known.is_none() {
            self.note_windows(key.partition(), key.origin(), facts.windows);
        }
        if call.wanted == Wanted::OneShot && found.is_some_and(|tag| self.changes_nothing(tag)) {
            return self.reply_in_turn(Some(ix), call.request, Reply::Registered(Ok(())));
        }
        let Some(tag) = found.or_else(|| self.registry.hold_tag(ix, kind, tag.clone())) else { return };
        #[cfg(feature = "periodic")]
        if let Wanted::Periodic(min_interval) = call.wanted
            && self.periodic_call_changes_nothing(tag, min_interval)
        {
            return self.reply_in_turn(Some(ix), call.request, Reply::Registered(Ok(())));
        }
        if self.costs_no_commit(tag, call) {
            self.make_younger(ix, tag, call, permit);
        } else {
            self.take_up(ix, tag, call, permit);
        }
    }

    /// A call for a tag that is registered, pending and untried has nothing to tell the store but an age, and that may
    /// be a while behind. Whatever the network is by now, it stays the registration of the one that it was made on. I3:
    /// the store has to have everything else of it, as the call is acknowledged at once.
    fn costs_no_commit(&self, tag: TagId, call: Call) -> bool {
        let Some(registration) = self.registry.registration(tag).filter(|_| call.wanted == Wanted::OneShot) else {
            return false;
        };
        self.rules.params().may_stay_unwritten(registration, self.asked_at(call))
            && self.journal.has_written(registration.sequence())
            && self.registry.activity(tag).is_none_or(|activity| !activity.has_asks() && activity.attempt().is_none())
    }

    /// sync.register.8.4 for such a call: the registration is as good as new, and its new age goes with its next
    /// write.
    fn make_younger(&mut self, ix: WorkerIx, tag: TagId, call: Call, permit: RegistrationPermit) {
        let ask = self.ask(ix, tag, call, permit);
        let request = ask.request;
        self.apply_ask(tag, ask);
        self.look_again_after(tag, true);
        self.reply_in_turn(Some(ix), request, Reply::Registered(Ok(())));
    }

    /// Puts the call on its way: into the commit that carries its tag already, or into the next one.
    fn take_up(&mut self, ix: WorkerIx, tag: TagId, call: Call, permit: RegistrationPermit) {
        let ask = self.ask(ix, tag, call, permit);
        let sequence = ask.sequence;
        let joins = self.registry.begin_activity(tag).is_some_and(|activity| activity.add(ask));
        let Some(worker) = self.registry.worker(ix) else { return };
        let private = worker.is_private();
        self.replies.wait(Asker { worker: ix, origin: worker.origin() }, call.request);
        if private {
            // I12: a private partition has nothing to wait for.
            self.apply_asks(tag, None);
        } else if !joins {
            self.dirty(tag, sequence, true);
        }
    }

    fn ask(&mut self, ix: WorkerIx, tag: TagId, call: Call, permit: RegistrationPermit) -> Ask {
        let existing = self.registry.registration(tag).map(|registration| {
            let in_a_row = registration.reregistered_in_a_row();
            (registration.sequence(), registration.state().is_firing().then_some(in_a_row))
        });
        let earlier = self.registry.activity(tag).and_then(|activity| activity.asks().first());
        let earlier: Option<(Sequence, Option<u32>)> = earlier.map(|ask| (ask.sequence, ask.while_firing));
        let is_first = existing.is_none() && earlier.is_none();
        // Its event may have ended while an earlier call for the tag was on its way: that one decides.
        let (sequence, while_firing) = existing.or(earlier).unwrap_or_else(|| {
            self.count_registration(tag, 1);
            (self.journal.give_number(), None)
        });
        let hop = match (call.asked_by, self.registry.worker_mut(ix)) {
            (AskedBy::Worker, Some(worker)) => worker.hop(self.time.monotonic(), self.rules.params()),
            (AskedBy::Page, _) | (AskedBy::Worker, None) => std::time::Duration::ZERO,
        };
        let at = self.asked_at(call);
        let Call { request, asked_by, wanted, said_at: _ } = call;
        Ask { request, permit, sequence, is_first, asked_by, wanted, at, hop, while_firing, txn: None }
    }

    fn asked_at(&self, call: Call) -> Observed {
        Observed { wall: call.said_at, ..self.time.observed() }
    }

    /// Chromium's way, if the parameters ask for it: registering a tag that waits or is pending leaves
    /// it alone.
    fn changes_nothing(&self, tag: TagId) -> bool {
        !self.rules.params().register_ends_wait
            && self.registry.registration(tag).is_some_and(|registration| match registration.state() {
                RegistrationState::Pending { .. } | RegistrationState::Waiting { .. } => true,
                RegistrationState::Firing { .. } | RegistrationState::ReregisteredWhileFiring { .. } => false,
            })
    }

    /// Registered, or on its way to be.
    pub(in crate::machine) fn is_registered(&self, tag: Option<TagId>) -> bool {
        tag.is_some_and(|tag| self.registry.registration(tag).is_some() || self.is_asked(tag))
    }

    fn counts(&self, ix: Option<WorkerIx>, key: &RegistrationKey, kind: SyncKind) -> RegistrationCounts {
        let worker = ix.and_then(|ix| self.registry.worker(ix));
        let of_worker = worker.map_or(0, |worker| worker.registrations(kind));
        let origin = match worker {
            Some(worker) => Some(worker.origin()),
            None => self.origins.find(key.partition(), key.origin()),
        };
        let origin = origin.and_then(|ix| self.origins.get(ix));
        let (of_origin, tag_bytes_of_origin) =
            origin.map_or((0, 0), |origin| (origin.registrations(), origin.tag_bytes()));
        let tag_bytes_of_profile = self.origins.tag_bytes_with(key.partition());
        RegistrationCounts::new(of_worker, of_origin, tag_bytes_of_origin, tag_bytes_of_profile)
    }

    /// There is one registration of this tag more (`by` 1) or fewer (`by` -1).
    pub(in crate::machine) fn count_registration(&mut self, tag: TagId, by: isize) {
        let origin = self.registry.count_registration(tag, by);
        if let (Some(origin), Some(tag)) = (origin, self.registry.tag(tag)) {
            self.origins.count_registration(origin, tag, by);
        }
    }

    /// `getTags()`: of a registration nothing is known of, the empty list.
    pub(in crate::machine) fn get_tags(&mut self, request: RequestId, key: &RegistrationKey, kind: SyncKind) {
        let known = self.registry.find(key);
        let Some(ix) = known.filter(|ix| !self.replies.none_waits(*ix)) else {
            let tags = known.map(|ix| self.registry.list_tags(ix, kind)).unwrap_or_default();
            self.out.visited(tags.len());
            return self.out.reply(request, Reply::Tags(Ok(tags)));
        };
        if !self.has_room(known, key) {
            return self.out.reply(request, Reply::Tags(Err(GetTagsError::QueueFull)));
        }
        if let Some(asker) = self.asker(ix) {
            self.replies.wait_for_tags(asker, request, kind);
        }
    }

    pub(in crate::machine) fn cancel(&mut self, request: RequestId, key: &RegistrationKey, kind: SyncKind, tag: &Tag) {
        let known = self.registry.find(key);
        if !self.has_room(known, key) {
            return self.out.reply(request, Reply::Cancelled(Err(CancelError::QueueFull)));
        }
        let found = known.and_then(|ix| self.registry.find_tag(ix, kind, tag));
        let (Some(ix), Some(tag), true) = (known, found, self.is_registered(found)) else {
            return self.reply_in_turn(known, request, Reply::Cancelled(Ok(false)));
        };
        self.remove_tags(&[tag], Removal::Cancelled);
        if key.partition().is_private() {
            return self.reply_in_turn(Some(ix), request, Reply::Cancelled(Ok(true)));
        }
        if let Some(asker) = self.asker(ix) {
            self.replies.wait(asker, request);
        }
        self.journal.note_ending(ix, request, Ending::Cancel);
    }

    /// The worker with this key, made in this state if there is none.
    pub(in crate::machine) fn worker_for(&mut self, key: &RegistrationKey, state: WorkerState) -> Option<WorkerIx> {
        if let Some(ix) = self.registry.find(key) {
            return Some(ix);
        }
        let origin = self.origin_for(key.partition(), key.origin())?;
        if let Some(state) = self.origins.get_mut(origin) {
            state.count_worker(1);
        }
        self.registry.add(key, origin, state)
    }

    pub(in crate::machine) fn origin_for(&mut self, partition: Partition, name: &OriginName) -> Option<OriginIx> {
        self.origins.find(partition, name).or_else(|| {
            let (link_epoch, latest_notice) = (self.around.link_epoch(), self.around.latest_notice());
            self.origins.add(Origin::new(partition, name.clone(), link_epoch, latest_notice))
        })
    }
}
