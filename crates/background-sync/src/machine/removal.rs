//! Registrations that go without having been kept: cancelled, unregistered, revoked, switched off,
//! expired, cleared, closed.

use background_sync_policy::{Partition, Refusal};
use background_sync_registration::{RegistrationState, Sequence, Tag, WallTime};

use super::Machine;
use super::log::About;
use super::state::{AttemptPhase, OriginIx, QueuedReply, Timer, WorkerIx};
use crate::{
    CancelError, ClearedScope, EventName, GetTagsError, MetadataName, Output, RegisterError, Reply, TerminateReason,
};

/// Why a registration goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Removal {
    Cancelled,
    Unregistered,
    Revoked,
    SwitchedOff,
    Expired,
    Cleared,
    PartitionClosed,
}

impl Removal {
    /// What a call that was not durable yet is told.
    fn error(self) -> RegisterError {
        match self {
            Self::Unregistered => RegisterError::Refused(Refusal::NoSuchRegistration),
            Self::Revoked => RegisterError::Refused(Refusal::PermissionDenied),
            Self::SwitchedOff => RegisterError::Refused(Refusal::SwitchedOff),
            Self::Cancelled | Self::Expired | Self::Cleared => RegisterError::Cleared,
            Self::PartitionClosed => RegisterError::Shutdown,
        }
    }

    /// Whether a running event is ended too. Otherwise it runs out and its result is ignored.
    fn terminates(self) -> Option<TerminateReason> {
        match self {
            Self::SwitchedOff => Some(TerminateReason::SwitchedOff),
            Self::PartitionClosed => Some(TerminateReason::PartitionClosed),
            Self::Cancelled | Self::Unregistered | Self::Revoked | Self::Expired | Self::Cleared => None,
        }
    }

    fn status(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Unregistered => "unregistered",
            Self::Revoked => "permission revoked",
            Self::SwitchedOff => "switched off",
            Self::Expired => "expired",
            Self::Cleared => "cleared",
            Self::PartitionClosed => "partition closed",
        }
    }
}

impl Machine {
    /// Takes a tag away: its registration, and the calls for it that are on their way. A running event
    /// keeps the tag busy until it has ended (invariant I2), and its result is ignored.
    pub(super) fn remove_tag(&mut self, ix: WorkerIx, tag: &Tag, why: Removal) {
        self.remove_tags(&[(ix, tag.clone())], why);
    }

    /// The same for several at once. All registrations go before the first call is answered: the tags that a reply
    /// lists are those that are left.
    fn remove_tags(&mut self, tags: &[(WorkerIx, Tag)], why: Removal) {
        for (ix, tag) in tags {
            self.take_registration(*ix, tag, why);
        }
        for (ix, tag) in tags {
            let attempt = self.workers.get(ix).and_then(|worker| worker.activities.get(tag)?.attempt);
            self.reject_asks(*ix, tag, why.error(), |_| true);
            self.place_tag(*ix, tag);
            if let Some(id) = attempt {
                self.end_attempt_of_removed(id, why);
            }
        }
    }

    fn take_registration(&mut self, ix: WorkerIx, tag: &Tag, why: Removal) {
        let Some(worker) = self.workers.get_mut(&ix) else { return };
        let Some(registration) = worker.list.remove(tag) else { return };
        let (key, sequence) = (worker.key.clone(), registration.sequence());
        if let Some(activity) = worker.activities.get_mut(tag) {
            activity.declined = None;
            if let Some(delivery) = activity.delivery.take() {
                self.undelivered.remove(&delivery.request);
            }
        }
        self.uncount_unless_asked(ix, tag);
        self.place(ix, sequence);
        self.dirty(ix, tag, sequence, true);
        let status = vec![(MetadataName::Status, why.status().to_owned())];
        self.report(About { key: &key, tag, instance: Some(sequence) }, EventName::SyncCompleted, status);
    }

    fn end_attempt_of_removed(&mut self, id: crate::AttemptId, why: Removal) {
        let Some(attempt) = self.attempts.get(&id) else { return };
        match (&attempt.phase, why.terminates()) {
            (AttemptPhase::AskingUser { .. } | AttemptPhase::Starting { .. }, _) => self.abandon(id),
            (AttemptPhase::Running { .. }, Some(reason)) => {
                self.settle(id, super::settle::End::Terminated);
                self.emit(Output::Terminate { attempt: id, reason });
            }
            (AttemptPhase::Running { .. } | AttemptPhase::Terminating { .. }, _) => {}
        }
    }

    /// All tags of a worker, in the order of their first registration.
    pub(super) fn remove_worker(&mut self, ix: WorkerIx, why: Removal) {
        let tags: Vec<_> = self.tags_of(ix).into_iter().map(|tag| (ix, tag)).collect();
        self.remove_tags(&tags, why);
    }

    fn tags_of(&self, ix: WorkerIx) -> Vec<Tag> {
        let Some(worker) = self.workers.get(&ix) else { return Vec::new() };
        let mut tags = worker.list.tags();
        tags.extend(worker.activities.keys().filter(|tag| worker.list.get(tag).is_none()).cloned());
        tags
    }

    pub(super) fn remove_origin(&mut self, origin: OriginIx, why: Removal) {
        for ix in self.workers_where(|worker| worker.origin == origin) {
            self.remove_worker(ix, why);
        }
    }

    fn workers_where(&self, which: impl Fn(&super::state::Worker) -> bool) -> Vec<WorkerIx> {
        self.workers.iter().filter(|(_, worker)| which(worker)).map(|(ix, _)| *ix).collect()
    }

    pub(super) fn data_cleared(&mut self, scope: &ClearedScope, since: Option<WallTime>) {
        let workers = match scope {
            ClearedScope::Partition(partition) => self.workers_where(|worker| worker.key.partition() == *partition),
            ClearedScope::Origin(partition, origin) => {
                self.workers_where(|worker| worker.key.partition() == *partition && worker.key.origin() == origin)
            }
            ClearedScope::Key(key) => self.worker_by_key.get(key).copied().into_iter().collect(),
        };
        for ix in workers {
            self.clear_worker(ix, since);
        }
    }

    /// What was registered since then goes, and so do the calls that were made since and are on their way, however
    /// old their tag is.
    fn clear_worker(&mut self, ix: WorkerIx, since: Option<WallTime>) {
        let Some(since) = since else { return self.remove_worker(ix, Removal::Cleared) };
        let Some(worker) = self.workers.get(&ix) else { return };
        let is_young = |tag: &Tag| worker.list.get(tag).is_some_and(|found| found.registered().wall >= since);
        let (young, old): (Vec<_>, Vec<_>) = self.tags_of(ix).into_iter().partition(is_young);
        let young: Vec<_> = young.into_iter().map(|tag| (ix, tag)).collect();
        self.remove_tags(&young, Removal::Cleared);
        for tag in old {
            self.reject_asks(ix, &tag, Removal::Cleared.error(), |ask| ask.at.wall >= since);
        }
    }

    /// I12: closing a private partition forgets it. Another partition is not closed, only unloaded with
    /// the engine.
    pub(super) fn partition_closed(&mut self, partition: Partition) {
        if !partition.is_private() {
            return self.ignore("a partition of the profile can't be closed");
        }
        for ix in self.workers_where(|worker| worker.key.partition() == partition) {
            self.remove_worker(ix, Removal::PartitionClosed);
            if let Some(worker) = self.workers.get_mut(&ix) {
                worker.closed = true;
            }
        }
        let origins: Vec<_> =
            self.origins.iter().filter(|(_, origin)| origin.partition == partition).map(|(ix, _)| *ix).collect();
        for ix in &origins {
            if let Some(origin) = self.origins.get_mut(ix) {
                origin.closed = true;
            }
        }
        for ix in self.workers_where(|worker| worker.closed) {
            self.forget_worker(ix);
        }
        // Those that no worker leads to: they were kept for the budget they used.
        for ix in origins {
            self.forget_origin(ix);
        }
        self.log.forget(partition);
    }

    /// Too old, by running time.
    pub(super) fn expire(&mut self, ix: WorkerIx, sequence: Sequence) {
        let Some(worker) = self.workers.get(&ix) else { return };
        let Some(registration) = worker.list.get_by_sequence(sequence) else { return };
        let tag = registration.tag().clone();
        if worker.activities.get(&tag).is_some_and(|activity| !activity.asks.is_empty()) {
            // A call that makes it young again is on its way; when that is decided it is placed anew.
            return;
        }
        match registration.state() {
            // Its event decides; if it fails the registration expires then.
            RegistrationState::Firing { .. } | RegistrationState::ReregisteredWhileFiring { .. } => {}
            RegistrationState::Pending { .. } | RegistrationState::Waiting { .. } => {
                if self.params.expires_at(registration.registered()) <= self.observed().running {
                    self.remove_tag(ix, &tag, Removal::Expired);
                } else {
                    self.place(ix, sequence);
                }
            }
        }
    }

    /// I7: at shutdown nothing stays without a reply.
    pub(super) fn reject_everything_of(&mut self, ix: WorkerIx) {
        let Some(worker) = self.workers.get_mut(&ix) else { return };
        let tags: Vec<_> = worker.activities.keys().cloned().collect();
        for tag in tags {
            self.reject_asks(ix, &tag, RegisterError::Shutdown, |_| true);
        }
        let Some(worker) = self.workers.get_mut(&ix) else { return };
        let queued = std::mem::take(&mut worker.replies);
        self.count_queued(ix, -(queued.len() as isize));
        for queued in queued {
            let (request, reply) = match queued {
                QueuedReply::Undecided(request) => (request, Reply::Cancelled(Err(CancelError::Shutdown))),
                QueuedReply::Decided(request, reply) => (request, reply),
                QueuedReply::Tags(request) => (request, Reply::Tags(Err(GetTagsError::Shutdown))),
            };
            self.emit(Output::Reply { request, reply });
        }
    }

    /// A worker without syncs is remembered a while longer: what it does next may be a hop.
    pub(super) fn forget_worker_later(&mut self, ix: WorkerIx) {
        if self.workers.get(&ix).is_some_and(super::state::Worker::is_idle) {
            let at = self.monotonic().after(self.params.loop_window.saturating_mul(2));
            self.timers.set(Timer::ForgetWorker(ix), at);
        }
    }

    pub(super) fn forget_worker(&mut self, ix: WorkerIx) {
        let Some(worker) = self.workers.get(&ix) else { return };
        if !worker.is_idle() {
            return;
        }
        let origin_ix = worker.origin;
        self.worker_by_key.remove(&worker.key);
        self.workers.remove(&ix);
        self.timers.cancel(Timer::ForgetWorker(ix));
        if let Some(origin) = self.origins.get_mut(&origin_ix) {
            origin.workers = origin.workers.saturating_sub(1);
            self.forget_origin(origin_ix);
        }
    }

    /// An origin is forgotten when it has no workers and used nothing of its budget in the last day.
    pub(super) fn forget_origin(&mut self, ix: OriginIx) {
        let now = self.now();
        let Some(origin) = self.origins.get_mut(&ix) else { return };
        if origin.workers > 0 || origin.attempts > 0 {
            return;
        }
        origin.budget.forget(now.wall);
        if let (false, Some(wait)) = (origin.closed, origin.budget.until_next(now)) {
            return self.timers.set(Timer::ForgetOrigin(ix), now.monotonic.after(wait));
        }
        let (partition, name, stored) = (origin.partition, origin.origin.clone(), origin.budget_stored);
        self.origins.remove(&ix);
        self.origin_by_name.remove(&(name.clone(), partition));
        self.timers.cancel(Timer::Origin(ix));
        self.timers.cancel(Timer::Grace(ix));
        self.timers.cancel(Timer::ForgetOrigin(ix));
        self.wake.forget(ix);
        self.rotation.leave(ix);
        self.journal.budgets.remove(&ix);
        if stored {
            self.journal.forgotten_budgets.push((partition, name));
            self.write_lazily();
        }
    }
}

impl super::state::Worker {
    fn is_idle(&self) -> bool {
        self.list.is_empty() && self.activities.is_empty() && self.replies.is_empty()
    }
}
