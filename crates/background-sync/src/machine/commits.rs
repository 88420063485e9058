//! What is written, when, and what follows from it.

use std::time::Duration;

use background_sync_policy::{Partition, SyncKind};
use background_sync_registration::{RegistrationState, Sequence, Series, StoredRegistration, StoredState, Tag};

use super::Machine;
use super::journal::InFlight;
use super::state::{Ask, Attempt, AttemptPhase, Phase, Timer, WorkerIx, Written};
use crate::{CancelError, EventName, Output, Reply, StoreOp, StoredProfile, TxnId};

/// What nobody waits for is written with the next commit, or after this long.
const LAZY: Duration = Duration::from_secs(5);
/// Numbers are reserved this many at a time.
const RESERVE: u64 = 1_024;

impl Machine {
    /// The stored form of a registration is out of date. `urgent` when somebody waits for it.
    pub(super) fn dirty(&mut self, ix: WorkerIx, tag: &Tag, sequence: Sequence, urgent: bool) {
        let Some(worker) = self.workers.get(&ix) else { return };
        if worker.key.partition().is_private() {
            return;
        }
        self.journal.registrations.insert(sequence, (ix, tag.clone()));
        if urgent {
            self.journal.urgent = true;
        } else {
            self.write_lazily();
        }
    }

    pub(super) fn write_lazily(&mut self) {
        if !self.journal.lazy_armed {
            self.journal.lazy_armed = true;
            let at = self.monotonic().after(LAZY);
            self.timers.set(Timer::LazyCommit, at);
        }
    }

    /// Sends the next commit if somebody waits for it and none is in flight.
    pub(super) fn flush_if_due(&mut self) {
        if self.journal.in_flight.is_some() || !self.journal.urgent || self.phase.is_stopped() {
            return;
        }
        self.journal.urgent = false;
        self.journal.lazy_armed = false;
        self.timers.cancel(Timer::LazyCommit);
        if self.journal.is_clean() {
            return self.stop_if_written();
        }
        let rewrite = self.journal.rewrite;
        if rewrite {
            self.note_everything();
        }
        let txn = TxnId(self.journal.next_txn);
        self.journal.next_txn += 1;
        let registrations = std::mem::take(&mut self.journal.registrations);
        let mut ops: Vec<_> =
            registrations.iter().map(|(sequence, (ix, tag))| self.stored_form(*sequence, *ix, tag)).collect();
        let attempts = self.note_sent(txn, &registrations);
        let budgets = std::mem::take(&mut self.journal.budgets);
        for origin in budgets.iter().filter_map(|ix| self.origins.get(ix)) {
            ops.push(StoreOp::PutBudget(origin.budget.to_stored(origin.partition, &origin.origin)));
        }
        let forgotten_budgets = std::mem::take(&mut self.journal.forgotten_budgets);
        ops.extend(
            forgotten_budgets.iter().map(|(partition, origin)| StoreOp::RemoveBudget(*partition, origin.clone())),
        );
        let profile = self.profile_to_write();
        ops.extend(profile.map(StoreOp::PutProfile));
        let cancels = std::mem::take(&mut self.journal.cancels);
        let profile = profile.map(|profile| profile.next_sequence);
        self.journal.in_flight =
            Some(InFlight { txn, rewrite, registrations, budgets, forgotten_budgets, profile, cancels, attempts });
        self.stats.commits += 1;
        if let Phase::Stopping { last } = &mut self.phase {
            *last = Some(txn);
        }
        if rewrite {
            // What it does not put is not there afterwards.
            ops.retain(puts_something);
            self.emit(Output::Rewrite { txn, ops });
        } else {
            self.emit(Output::Commit { txn, ops });
        }
    }

    /// Everything there is has to be written.
    fn note_everything(&mut self) {
        let durable = |partition: Partition| !partition.is_private();
        for (ix, worker) in self.workers.iter().filter(|(_, worker)| durable(worker.key.partition())) {
            let registered = worker.list.iter().map(|r| (r.sequence(), (*ix, r.tag().clone())));
            let asked = worker
                .activities
                .iter()
                .flat_map(|(tag, activity)| activity.asks.iter().map(|ask| (ask.sequence, (*ix, tag.clone()))));
            self.journal.registrations.extend(registered.chain(asked));
        }
        let stored = self.origins.iter().filter(|(_, origin)| origin.budget_stored);
        self.journal.budgets.extend(stored.map(|(ix, _)| *ix));
        self.journal.profile = true;
    }

    /// A number that may be used must be reserved in the store, or a restart could use it again.
    fn profile_to_write(&mut self) -> Option<StoredProfile> {
        let exhausted = self.next_sequence > self.journal.reserved;
        if !exhausted && !self.journal.profile {
            return None;
        }
        self.journal.profile = false;
        let next_sequence =
            if exhausted { Sequence(self.next_sequence.0.saturating_add(RESERVE)) } else { self.journal.reserved };
        Some(StoredProfile { next_sequence, running: self.observed().running, network_secret: self.network_secret })
    }

    /// Marks what this commit carries. Gives the attempts in it.
    fn note_sent(
        &mut self,
        txn: TxnId,
        registrations: &std::collections::BTreeMap<Sequence, (WorkerIx, Tag)>,
    ) -> Vec<crate::AttemptId> {
        let mut attempts = Vec::new();
        for (ix, tag) in registrations.values() {
            let Some(activity) = self.workers.get_mut(ix).and_then(|worker| worker.activities.get_mut(tag)) else {
                continue;
            };
            let calls = !activity.asks.is_empty();
            for ask in &mut activity.asks {
                ask.txn = Some(txn);
            }
            if let Some(id) = activity.attempt
                && let Some(attempt) = self.attempts.get_mut(&id)
                && let AttemptPhase::Starting { written, .. } = &mut attempt.phase
            {
                // I3: see `stored_form`.
                if attempt.last_chance && calls {
                    *written = Written::No;
                } else if *written == Written::No {
                    *written = Written::In(txn);
                    attempts.push(id);
                }
            }
        }
        attempts
    }

    /// What the store should hold under this number: the registration as it is, with what the calls on
    /// their way will make of it; or nothing.
    fn stored_form(&mut self, sequence: Sequence, ix: WorkerIx, tag: &Tag) -> StoreOp {
        self.stats.registrations_visited += 1;
        let Some(worker) = self.workers.get(&ix) else { return StoreOp::RemoveRegistration(sequence) };
        let activity = worker.activities.get(tag);
        let newest = activity.and_then(|activity| activity.asks.iter().rev().find(|ask| ask.sequence == sequence));
        let registration = worker.list.get(tag).filter(|registration| registration.sequence() == sequence);
        let Some(registration) = registration else {
            return newest.map_or(StoreOp::RemoveRegistration(sequence), |ask| {
                StoreOp::PutRegistration(StoredRegistration {
                    sequence,
                    key: worker.key.clone(),
                    kind: SyncKind::OneShot,
                    tag: tag.clone(),
                    state: StoredState::Pending(None),
                    series: Series::default(),
                    registered: ask.at,
                    network: self.last_network_identity(),
                })
            });
        };
        let starting = activity.and_then(|activity| self.attempts.get(&activity.attempt?)).and_then(|attempt| {
            let starts = matches!(attempt.phase, AttemptPhase::Starting { .. }) && attempt.sequence == sequence;
            starts.then_some(attempt.last_chance)
        });
        // I3: a last chance that is in the store counts as told after a crash. A call on its way was promised more
        // than that, so the two never share a commit: the attempt is written after it.
        let starting = starting.filter(|last_chance| !(*last_chance && newest.is_some()));
        let mut stored = registration.to_stored(&worker.key, starting);
        if let Some(ask) = newest {
            stored.registered = ask.at;
            match registration.state() {
                RegistrationState::Pending { .. } => {}
                RegistrationState::Waiting { .. } => {
                    stored.state = StoredState::Pending(None);
                    stored.series = Series::default();
                }
                RegistrationState::Firing { .. } | RegistrationState::ReregisteredWhileFiring { .. } => {
                    stored.state = StoredState::ReregisteredWhileFiring;
                }
            }
        }
        StoreOp::PutRegistration(stored)
    }

    pub(super) fn committed(&mut self, txn: TxnId) {
        let Some(done) = self.journal.in_flight.take_if(|in_flight| in_flight.txn == txn) else {
            return self.ignore("a commit that is not in flight");
        };
        self.journal.failures = 0;
        self.journal.rewrite &= !done.rewrite;
        if self.journal.retry_at.take().is_some() {
            self.timers.cancel(Timer::StoreRetry);
            // Those who waited for the store take part again.
            self.recheck_all_origins();
        }
        if let Some(reserved) = done.profile {
            self.journal.reserved = reserved;
        }
        if let Some((last, _)) = done.registrations.last_key_value() {
            self.journal.numbers_are_used_up_to(*last);
        }
        for (ix, tag) in done.registrations.values() {
            self.apply_asks(*ix, tag, Some(txn));
            self.write_attempt_of(*ix, tag);
        }
        for (ix, request) in done.cancels {
            self.decide(ix, request, Reply::Cancelled(Ok(true)));
        }
        for id in done.attempts {
            self.attempt_written(id, txn);
        }
        self.stop_if_written();
    }

    /// The commit failed, and the store says that it has lost more than that: it is given everything anew.
    pub(super) fn contents_lost(&mut self, txn: TxnId) {
        let Some(in_flight) = self.journal.in_flight.as_ref().filter(|in_flight| in_flight.txn == txn) else {
            return self.ignore("a commit that is not in flight");
        };
        if let (Phase::Stopping { last }, false) = (&mut self.phase, in_flight.rewrite) {
            // It was not the last one after all. A rewrite that fails is.
            *last = None;
        }
        self.journal.rewrite = true;
        // I5: attempts that were durable are so no longer. They are in the rewrite.
        for attempt in self.attempts.values_mut().filter(|attempt| !attempt.key.partition().is_private()) {
            if let AttemptPhase::Starting { written: written @ Written::Yes, .. } = &mut attempt.phase {
                *written = Written::No;
            }
        }
        self.commit_failed(txn);
    }

    /// I11: exactly the requests in the commit fail; an attempt that could not be written does not
    /// start; everything else is tried again.
    pub(super) fn commit_failed(&mut self, txn: TxnId) {
        let Some(failed) = self.journal.in_flight.take_if(|in_flight| in_flight.txn == txn) else {
            return self.ignore("a commit that is not in flight");
        };
        self.journal.failures = self.journal.failures.saturating_add(1);
        self.stats.commits_failed += 1;
        self.report_general(EventName::StoreFailed, Vec::new());
        let retry_at = self.monotonic().after(self.journal.retry_delay());
        self.journal.retry_at = Some(retry_at);
        self.timers.set(Timer::StoreRetry, retry_at);
        for (sequence, (ix, tag)) in failed.registrations {
            let first_of_its_number = self.was_given_for(ix, &tag, sequence, txn);
            self.fail_asks(ix, &tag, txn);
            if first_of_its_number && !self.is_there(ix, &tag, sequence) {
                self.journal.refused.insert(sequence);
            }
            // It may be on the disk all the same: what was refused is taken back by the next commit.
            self.journal.registrations.entry(sequence).or_insert_with(|| (ix, tag.clone()));
            self.write_attempt_of(ix, &tag);
        }
        self.take_back_numbers();
        for (ix, request) in failed.cancels {
            self.decide(ix, request, Reply::Cancelled(Err(CancelError::Store)));
        }
        for id in failed.attempts {
            self.abandon_unwritten(id, txn);
        }
        self.journal.budgets.extend(failed.budgets);
        self.journal.forgotten_budgets.extend(failed.forgotten_budgets);
        self.journal.profile |= failed.profile.is_some();
        if let Phase::Stopping { last } = self.phase {
            // The store has one chance for the last commit; what it does not take is taken up by the next
            // start.
            self.journal.urgent = last.is_none();
            if last == Some(txn) {
                self.phase = Phase::Stopped;
            }
        }
    }

    /// An attempt that could not share a commit with a call is written now that the call is decided, if it is
    /// still the last chance it was started as.
    fn write_attempt_of(&mut self, ix: WorkerIx, tag: &Tag) {
        let Some(activity) = self.workers.get(&ix).and_then(|worker| worker.activities.get(tag)) else { return };
        let Some((id, attempt)) = activity.attempt.and_then(|id| Some((id, self.attempts.get(&id)?))) else { return };
        if !attempt.last_chance || !matches!(attempt.phase, AttemptPhase::Starting { written: Written::No, .. }) {
            return;
        }
        let sequence = attempt.sequence;
        if self.is_still_last_chance(attempt) {
            self.dirty(ix, tag, sequence, true);
        } else {
            self.give_way_to_another_promise(id);
        }
    }

    fn is_still_last_chance(&self, attempt: &Attempt) -> bool {
        self.registration_of(attempt).is_some_and(|registration| {
            self.params.last_chance(registration.series(), registration.registered(), self.observed())
        })
    }

    /// The last numbers, if nothing came of them, are given again: a store that fails for long would fill the
    /// journal with removals of what was refused.
    pub(super) fn take_back_numbers(&mut self) {
        while let Some(last) = self.next_sequence.0.checked_sub(1).map(Sequence)
            && self.journal.refused.remove(&last)
        {
            self.next_sequence = last;
        }
    }

    /// Whether a call in this commit was the first that got this number.
    fn was_given_for(&self, ix: WorkerIx, tag: &Tag, sequence: Sequence, txn: TxnId) -> bool {
        let activity = self.workers.get(&ix).and_then(|worker| worker.activities.get(tag));
        let given = |ask: &Ask| ask.sequence == sequence && ask.is_first && ask.txn == Some(txn);
        activity.is_some_and(|activity| activity.asks.iter().any(given))
    }

    /// Whether a registration, or a call that will make it, has this number.
    fn is_there(&self, ix: WorkerIx, tag: &Tag, sequence: Sequence) -> bool {
        self.workers.get(&ix).is_some_and(|worker| {
            let asks = worker.activities.get(tag).map(|activity| &activity.asks);
            worker.list.get_by_sequence(sequence).is_some()
                || asks.is_some_and(|asks| asks.iter().any(|ask| ask.sequence == sequence))
        })
    }
}

fn puts_something(op: &StoreOp) -> bool {
    match op {
        StoreOp::PutRegistration(_) | StoreOp::PutBudget(_) | StoreOp::PutProfile(_) => true,
        StoreOp::RemoveRegistration(_) | StoreOp::RemoveBudget(..) => false,
    }
}
