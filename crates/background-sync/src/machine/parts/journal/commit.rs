use std::collections::{BTreeMap, BTreeSet};

use background_sync_policy::{Origin, Partition};
use background_sync_registration::{Sequence, TagId, memory};

#[cfg(feature = "periodic")]
use crate::UnregisterError;
use crate::machine::parts::origins::OriginIx;
use crate::machine::parts::registry::WorkerIx;
use crate::{AttemptId, CancelError, Reply, RequestId, StoredProfile, TxnId};

/// What a commit carries besides the profile's own record.
#[derive(Debug, Default)]
pub(in crate::machine) struct Carried {
    /// Registrations whose stored form is out of date, and where to look for them.
    pub(super) registrations: BTreeMap<Sequence, TagId>,
    pub(super) budgets: BTreeSet<OriginIx>,
    /// Budgets to take out of the store.
    pub(super) forgotten_budgets: Vec<(Partition, Origin)>,
    /// Those who took a tag away, to answer when it is durable.
    pub(super) endings: Vec<(WorkerIx, RequestId, Ending)>,
    /// Others who took something away and want to hear when that is durable.
    pub(super) confirmations: Vec<RequestId>,
}

/// How a tag was taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::machine) enum Ending {
    /// By the engine's own interface.
    Cancel,
    /// By `PeriodicSyncManager.unregister`.
    #[cfg(feature = "periodic")]
    Unregister,
}

impl Ending {
    /// What whoever took it away is told, now that it is durable or could not be made so.
    pub(in crate::machine) fn reply(self, durable: bool) -> Reply {
        match self {
            Self::Cancel => Reply::Cancelled(if durable { Ok(true) } else { Err(CancelError::Store) }),
            #[cfg(feature = "periodic")]
            Self::Unregister => Reply::Unregistered(if durable { Ok(()) } else { Err(UnregisterError::Store) }),
        }
    }
}

/// A commit that was sent.
#[derive(Debug)]
pub(in crate::machine) struct InFlight {
    pub(super) txn: TxnId,
    /// It replaces everything.
    pub(super) rewrite: bool,
    pub(super) carried: Carried,
    /// The profile's own record, if it carries that.
    pub(super) profile: Option<StoredProfile>,
    pub(super) attempts: Vec<AttemptId>,
}

impl Carried {
    /// Registrations whose stored form is out of date, and where to look for them.
    pub(in crate::machine) fn registrations(&self) -> impl ExactSizeIterator<Item = (Sequence, TagId)> {
        self.registrations.iter().map(|(sequence, tag)| (*sequence, *tag))
    }

    pub(in crate::machine) fn budgets(&self) -> impl Iterator<Item = OriginIx> {
        self.budgets.iter().copied()
    }

    /// Budgets to take out of the store.
    pub(in crate::machine) fn forgotten_budgets(&self) -> &[(Partition, Origin)] {
        &self.forgotten_budgets
    }

    pub(super) fn is_empty(&self) -> bool {
        self.registrations.is_empty()
            && self.budgets.is_empty()
            && self.forgotten_budgets.is_empty()
            && self.endings.is_empty()
            && self.confirmations.is_empty()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let Self { registrations, budgets, forgotten_budgets, endings, confirmations } = self;
        memory::of_tree(registrations)
            + memory::of_tree_set(budgets)
            + memory::of_vec(forgotten_budgets)
            + memory::of_vec(endings)
            + memory::of_vec(confirmations)
    }
}

impl InFlight {
    /// Whether it replaces everything.
    pub(in crate::machine) fn is_rewrite(&self) -> bool {
        self.rewrite
    }

    pub(in crate::machine) fn registrations(&self) -> impl ExactSizeIterator<Item = (Sequence, TagId)> {
        self.carried.registrations()
    }

    /// Those who took a tag away, and are answered with it.
    pub(in crate::machine) fn endings(&self) -> &[(WorkerIx, RequestId, Ending)] {
        &self.carried.endings
    }

    /// Others who took something away and hear that it is durable.
    pub(in crate::machine) fn confirmations(&self) -> &[RequestId] {
        &self.carried.confirmations
    }

    pub(in crate::machine) fn attempts(&self) -> &[AttemptId] {
        &self.attempts
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.carried.heap_bytes() + memory::of_vec(&self.attempts)
    }
}
