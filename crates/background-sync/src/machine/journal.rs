//! What has to be written. One commit is in flight at a time; what arrives meanwhile shares the next.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use background_sync_registration::{MonotonicTime, Sequence, Tag};

use super::state::{OriginIx, WorkerIx};
use crate::{AttemptId, RequestId, TxnId};

/// First wait after a failed commit; doubles.
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// Longest such wait.
const LAST_RETRY: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(super) struct Journal {
    /// Registrations whose stored form is out of date, and where to look for them.
    pub(super) registrations: BTreeMap<Sequence, (WorkerIx, Tag)>,
    /// Numbers of first registrations that were refused, because their commit failed or before they were sent. Those
    /// at the end are given again.
    pub(super) refused: BTreeSet<Sequence>,
    pub(super) budgets: BTreeSet<OriginIx>,
    /// Budgets to take out of the store.
    pub(super) forgotten_budgets: Vec<(background_sync_policy::Partition, background_sync_policy::Origin)>,
    pub(super) profile: bool,
    /// The store has lost something: the next commit replaces all it holds.
    pub(super) rewrite: bool,
    /// Cancellations to answer when the next commit is durable.
    pub(super) cancels: Vec<(WorkerIx, RequestId)>,
    /// Somebody waits for the next commit.
    pub(super) urgent: bool,
    /// `Timer::LazyCommit` is set.
    pub(super) lazy_armed: bool,
    pub(super) in_flight: Option<InFlight>,
    pub(super) next_txn: u64,
    pub(super) failures: u32,
    /// After a failed commit: nothing of the profile starts before this, and what can wait does.
    pub(super) retry_at: Option<MonotonicTime>,
    /// Numbers below this are reserved in the store.
    pub(super) reserved: Sequence,
}

/// A commit that was sent.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) txn: TxnId,
    /// It replaces everything.
    pub(super) rewrite: bool,
    pub(super) registrations: BTreeMap<Sequence, (WorkerIx, Tag)>,
    pub(super) budgets: BTreeSet<OriginIx>,
    pub(super) forgotten_budgets: Vec<(background_sync_policy::Partition, background_sync_policy::Origin)>,
    /// The reservation it makes durable.
    pub(super) profile: Option<Sequence>,
    pub(super) cancels: Vec<(WorkerIx, RequestId)>,
    pub(super) attempts: Vec<AttemptId>,
}

impl Journal {
    pub(super) fn is_clean(&self) -> bool {
        self.registrations.is_empty()
            && self.budgets.is_empty()
            && self.forgotten_budgets.is_empty()
            && self.cancels.is_empty()
            && !self.profile
            && !self.rewrite
    }

    /// A commit with this number is durable: neither it nor one before it is given again.
    pub(super) fn numbers_are_used_up_to(&mut self, last: Sequence) {
        while self.refused.first().is_some_and(|refused| *refused <= last) {
            self.refused.pop_first();
        }
    }

    pub(super) fn retry_delay(&self) -> Duration {
        FIRST_RETRY.saturating_mul(2_u32.saturating_pow(self.failures.saturating_sub(1).min(10))).min(LAST_RETRY)
    }
}
