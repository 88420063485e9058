//! Registrations that go without having been kept: cancelled, unregistered, revoked, switched off,
//! expired, cleared, closed.

use background_sync_policy::{Partition, Refusal, SyncKind};
use background_sync_registration::{RegistrationState, TagId, WallTime};

use crate::machine::Machine;
use crate::machine::parts::attempts::AttemptPhase;
use crate::machine::parts::origins::OriginIx;
use crate::machine::parts::registry::{Activity, WorkerIx};
use crate::machine::steps::outcomes::End;
use crate::{
    AttemptId, ClearedScope, Detail, EventName, Ignored, Output, RegisterError, RemovalReason, Status, TerminateReason,
};

/// Why a registration goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::machine) enum Removal {
    Cancelled,
    /// By `PeriodicSyncManager.unregister`.
    #[cfg(feature = "periodic")]
    UnregisteredTag,
    Unregistered,
    Revoked,
    SwitchedOff,
    Expired,
    Cleared,
    PartitionClosed,
}

impl Removal {
    /// What a call that was not durable yet is told. What a page does is done in call order (`periodic.queue`): it was
    /// registered, and is unregistered by a call that was made after it.
    fn answer(self) -> Result<(), RegisterError> {
        Err(match self {
            Self::Unregistered => RegisterError::Refused(Refusal::NoSuchRegistration),
            Self::Revoked => RegisterError::Refused(Refusal::PermissionDenied),
            Self::SwitchedOff => RegisterError::Refused(Refusal::SwitchedOff),
            Self::Cancelled | Self::Expired | Self::Cleared => RegisterError::Cleared,
            #[cfg(feature = "periodic")]
            Self::UnregisteredTag => return Ok(()),
            Self::PartitionClosed => RegisterError::Shutdown,
        })
    }

    /// Whether a running event is ended too. Otherwise it runs out and its result is ignored.
    fn terminates(self) -> Option<TerminateReason> {
        match self {
            Self::SwitchedOff => Some(TerminateReason::SwitchedOff),
            Self::PartitionClosed => Some(TerminateReason::PartitionClosed),
            Self::Cancelled | Self::Unregistered | Self::Revoked | Self::Expired | Self::Cleared => None,
            #[cfg(feature = "periodic")]
            Self::UnregisteredTag => None,
        }
    }

    fn status(self) -> Status {
        Status::Removed(match self {
            Self::Cancelled => RemovalReason::Cancelled,
            #[cfg(feature = "periodic")]
            Self::UnregisteredTag => RemovalReason::UnregisteredTag,
            Self::Unregistered => RemovalReason::Unregistered,
            Self::Revoked => RemovalReason::Revoked,
            Self::SwitchedOff => RemovalReason::SwitchedOff,
            Self::Expired => RemovalReason::Expired,
            Self::Cleared => RemovalReason::Cleared,
            Self::PartitionClosed => RemovalReason::PartitionClosed,
        })
    }
}

impl Machine {
    /// Takes tags away: their registrations, and the calls for them that are on their way. A running event
    /// keeps its tag busy until it has ended (invariant I2), and its result is ignored. All registrations go before
    /// the first call is answered: the tags that a reply lists are those that are left.
    pub(in crate::machine) fn remove_tags(&mut self, tags: &[TagId], why: Removal) {
        for tag in tags {
            self.take_registration(*tag, why);
        }
        for tag in tags {
            let attempt = self.registry.activity(*tag).and_then(Activity::attempt);
            self.withdraw_asks(*tag, why.answer(), |_| true);
            self.look_again(*tag);
            if let Some(id) = attempt {
                self.end_attempt_of_removed(id, why);
            }
        }
    }

    fn take_registration(&mut self, tag: TagId, why: Removal) {
        let Some(registration) = self.registry.take(tag) else { return };
        let sequence = registration.sequence();
        self.uncount_unless_asked(tag);
        self.file(tag);
        self.dirty(tag, sequence, true);
        self.report(tag, Some(sequence), EventName::SyncCompleted, vec![Detail::Status(why.status())]);
    }

    /// A registration left its list. If a call for its tag is on its way it comes back.
    pub(in crate::machine) fn uncount_unless_asked(&mut self, tag: TagId) {
        if !self.is_asked(tag) {
            self.count_registration(tag, -1);
        }
    }

    fn end_attempt_of_removed(&mut self, id: AttemptId, why: Removal) {
        let Some(attempt) = self.attempts.get(id) else { return };
        match (attempt.phase(), why.terminates()) {
            (AttemptPhase::AskingUser { .. } | AttemptPhase::Starting { .. }, _) => self.abandon(id),
            (AttemptPhase::Running(_), Some(reason)) => {
                self.settle(id, End::Terminated);
                self.out.emit(Output::Terminate { attempt: id, reason });
            }
            (AttemptPhase::Running(_) | AttemptPhase::Terminating { .. }, _) => {}
        }
    }

    /// All tags of a worker, in the order of their first registration.
    pub(in crate::machine) fn remove_worker(&mut self, ix: WorkerIx, why: Removal) {
        self.remove_tags(&self.registry.tags_of(ix), why);
    }

    /// All tags of an origin, of one kind.
    pub(in crate::machine) fn remove_origin(&mut self, origin: OriginIx, kind: SyncKind, why: Removal) {
        for ix in self.registry.workers_of(origin) {
            if self.registry.worker(ix).is_some_and(|worker| worker.registrations(kind) == 0 && !worker.is_busy()) {
                continue;
            }
            let mut tags = self.registry.tags_of(ix);
            tags.retain(|tag| self.registry.kind_of(*tag) == Some(kind));
            self.remove_tags(&tags, why);
        }
    }

    pub(in crate::machine) fn data_cleared(&mut self, scope: &ClearedScope, since: Option<WallTime>) {
        let workers = match scope {
            ClearedScope::Partition(partition) => {
                self.registry.workers_where(|worker| worker.key().partition() == *partition)
            }
            ClearedScope::Origin(partition, origin) => {
                let known = self.origins.find(*partition, origin);
                known.map(|ix| self.registry.workers_of(ix)).unwrap_or_default()
            }
            ClearedScope::Key(key) => self.registry.find(key).into_iter().collect(),
        };
        for ix in workers {
            self.clear_worker(ix, since);
        }
    }

    /// What was registered since then goes, and so do the calls that were made since and are on their way, however
    /// old their tag is.
    fn clear_worker(&mut self, ix: WorkerIx, since: Option<WallTime>) {
        let Some(since) = since else { return self.remove_worker(ix, Removal::Cleared) };
        let is_young = |tag: &TagId| self.registry.registration(*tag).is_some_and(|r| r.registered().wall >= since);
        let (young, old): (Vec<_>, Vec<_>) = self.registry.tags_of(ix).into_iter().partition(is_young);
        self.remove_tags(&young, Removal::Cleared);
        for tag in old {
            self.withdraw_asks(tag, Removal::Cleared.answer(), |ask| ask.at.wall >= since);
        }
    }

    /// I12: closing a private partition forgets it. Another partition is not closed, only unloaded with
    /// the engine.
    pub(in crate::machine) fn partition_closed(&mut self, partition: Partition) {
        if !partition.is_private() {
            return self.ignore(Ignored::PartitionOfTheProfile);
        }
        let workers = self.registry.workers_where(|worker| worker.key().partition() == partition);
        for ix in &workers {
            self.remove_worker(*ix, Removal::PartitionClosed);
            if let Some(worker) = self.registry.worker_mut(*ix) {
                worker.close();
            }
        }
        self.forget_partition(partition);
    }

    /// Too old, by running time.
    pub(in crate::machine) fn expire(&mut self, tag: TagId) {
        let Some(registration) = self.registry.registration(tag) else { return };
        if self.is_asked(tag) {
            // A call that makes it young again is on its way; when that is decided it is filed anew.
            return;
        }
        match registration.state() {
            // Its event decides; if it fails the registration expires then.
            RegistrationState::Firing { .. } | RegistrationState::ReregisteredWhileFiring { .. } => {}
            RegistrationState::Pending { .. } | RegistrationState::Waiting { .. } => {
                self.remove_tags(&[tag], Removal::Expired);
            }
        }
    }
}
