//! What is written, when, and what follows when it is durable.

use background_sync_policy::{Partition, SyncKind};
use background_sync_registration::{RegistrationState, Sequence, Series, StoredRegistration, StoredState, TagId};

use crate::machine::Machine;
use crate::machine::parts::Phase;
use crate::machine::parts::attempts::Attempt;
use crate::machine::parts::journal::Carried;
use crate::machine::parts::registry::Record;
use crate::machine::parts::time::Timer;
use crate::{AttemptId, Ignored, Output, Reply, StoreOp, TxnId};

impl Machine {
    /// The stored form of a registration is out of date. `urgent` when somebody waits for it.
    pub(in crate::machine) fn dirty(&mut self, tag: TagId, sequence: Sequence, urgent: bool) {
        let worker = self.registry.worker_of(tag).and_then(|ix| self.registry.worker(ix));
        if worker.is_none_or(|worker| worker.is_private()) {
            return;
        }
        self.journal.note(sequence, tag);
        if urgent {
            self.journal.hurry();
        } else {
            self.write_lazily();
        }
    }

    /// Sends the next commit if somebody waits for it and none is in flight.
    pub(in crate::machine) fn flush_if_due(&mut self) {
        if !self.journal.is_due() || self.phase.is_stopped() {
            return;
        }
        self.journal.settle_down();
        self.time.cancel(Timer::LazyCommit);
        if self.journal.is_clean() {
            return self.stop_if_written();
        }
        let rewrite = self.journal.is_rewrite();
        if rewrite {
            self.note_everything();
        }
        let (txn, carried) = self.journal.take();
        let mut ops = self.ops_of(&carried);
        let attempts = self.note_sent(txn, &carried);
        let profile = self
            .journal
            .profile_to_write(self.time.observed().running, self.around.secret(), || self.around.encode_periodic());
        ops.extend(profile.clone().map(StoreOp::PutProfile));
        self.journal.sent(txn, carried, profile, attempts);
        self.out.commit_sent();
        self.phase.commit_sent(txn);
        self.out.emit(if rewrite {
            // What it does not put is not there afterwards.
            ops.retain(puts_something);
            Output::Rewrite { txn, ops }
        } else {
            Output::Commit { txn, ops }
        });
    }

    fn ops_of(&mut self, carried: &Carried) -> Vec<StoreOp> {
        self.out.visited(carried.registrations().len());
        let mut ops: Vec<_> = carried.registrations().map(|(sequence, tag)| self.stored_form(sequence, tag)).collect();
        let budgets = carried.budgets().filter_map(|ix| self.origins.get(ix));
        ops.extend(budgets.map(|origin| StoreOp::PutBudget(origin.stored_budget())));
        let forgotten = carried.forgotten_budgets().iter();
        ops.extend(forgotten.map(|(partition, origin)| StoreOp::RemoveBudget(*partition, origin.clone())));
        ops
    }

    /// Everything there is has to be written.
    fn note_everything(&mut self) {
        let durable = |partition: Partition| !partition.is_private();
        for (ix, worker) in self.registry.workers().filter(|(_, worker)| durable(worker.key().partition())) {
            for (tag, _, registration) in self.registry.registrations_of(ix) {
                self.journal.note(registration.sequence(), tag);
            }
            for (tag, activity) in worker.activities() {
                for ask in activity.asks() {
                    self.journal.note(ask.sequence, tag);
                }
            }
        }
        for (ix, _) in self.origins.iter().filter(|(_, origin)| origin.is_budget_stored()) {
            self.journal.note_budget_too(ix);
        }
        self.journal.note_profile();
    }

    /// Marks what this commit carries. Gives the attempts in it.
    fn note_sent(&mut self, txn: TxnId, carried: &Carried) -> Vec<AttemptId> {
        let mut attempts = Vec::new();
        for (_, tag) in carried.registrations() {
            let (registration, activity) = self.registry.both_mut(tag);
            if let Some(registration) = registration {
                registration.age_is_written();
            }
            let Some(activity) = activity else { continue };
            activity.sent(txn);
            if let Some(id) = activity.attempt()
                && self.attempts.sent(id, txn, activity.has_asks())
            {
                attempts.push(id);
            }
        }
        attempts
    }

    /// What the store should hold under this number: the registration as it is, with what the calls on
    /// their way will make of it; or nothing.
    fn stored_form(&self, sequence: Sequence, tag: TagId) -> StoreOp {
        let Some(Record { worker, kind, name, registration, .. }) = self.registry.record(tag) else {
            return StoreOp::RemoveRegistration(sequence);
        };
        let activity = worker.activity(tag);
        let newest = activity.and_then(|activity| activity.asks().iter().rev().find(|ask| ask.sequence == sequence));
        let Some(registration) = registration.filter(|registration| registration.sequence() == sequence) else {
            return newest.map_or(StoreOp::RemoveRegistration(sequence), |ask| {
                StoreOp::PutRegistration(StoredRegistration {
                    sequence,
                    key: worker.key().clone(),
                    kind,
                    tag: name.clone(),
                    state: StoredState::Pending(None),
                    series: Series::default(),
                    registered: ask.at,
                    network: self.around.last_network(),
                    schedule: ask.wanted.schedule(None, ask.at.wall),
                })
            });
        };
        let starting = activity.and_then(|activity| self.attempts.get(activity.attempt()?));
        let starting = starting.filter(|attempt| attempt.is_starting() && attempt.subject().sequence == sequence);
        // I3: a last chance that is in the store counts as told after a crash. A call on its way was promised more
        // than that, so the two never share a commit: the attempt is written after it.
        let starting = starting.map(Attempt::last_chance).filter(|last_chance| !(*last_chance && newest.is_some()));
        let mut stored = registration.to_stored((worker.key(), kind, name), starting);
        if let Some(ask) = newest {
            stored.schedule = ask.wanted.schedule(stored.schedule, ask.at.wall);
            if kind == SyncKind::Periodic {
                // Neither its state nor its age is another by a call; that its event is the last one in its turn means
                // nothing to another session.
                return StoreOp::PutRegistration(stored);
            }
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

    pub(in crate::machine) fn committed(&mut self, txn: TxnId) {
        let Some((done, had_failed)) = self.journal.succeeded(txn) else {
            return self.ignore(Ignored::NotInFlight);
        };
        if had_failed {
            self.time.cancel(Timer::StoreRetry);
            // Those who waited for the store take part again.
            self.recheck_all_origins();
        }
        // What was taken away is, before what the commit registers: `getTags` between the two lists neither.
        for (ix, request, how) in done.endings() {
            self.decide(*ix, *request, how.reply(true));
        }
        for (sequence, tag) in done.registrations() {
            self.apply_asks(tag, Some((txn, sequence)));
            self.write_attempt_of(tag);
        }
        for request in done.confirmations() {
            self.out.reply(*request, Reply::Durable(Ok(())));
        }
        for id in done.attempts() {
            self.attempt_written(*id, txn);
        }
        self.stop_if_written();
    }

    /// An attempt that could not share a commit with a call is written now that the call is decided, if it is
    /// still the last chance it was started as.
    pub(in crate::machine) fn write_attempt_of(&mut self, tag: TagId) {
        let attempt = self.registry.activity(tag).and_then(|activity| activity.attempt());
        let Some((id, attempt)) = attempt.and_then(|id| Some((id, self.attempts.get(id)?))) else { return };
        if !attempt.last_chance() || !attempt.is_unsent() {
            return;
        }
        let sequence = attempt.subject().sequence;
        if self.registration_of(attempt).is_some_and(|registration| self.is_last_chance(registration)) {
            self.dirty(tag, sequence, true);
        } else {
            self.give_way_to_another_promise(id);
        }
    }

    /// The last commit is back, or there was nothing to write.
    pub(in crate::machine) fn stop_if_written(&mut self) {
        match self.phase {
            Phase::Stopping { .. } if self.journal.is_written() => self.phase = Phase::Stopped,
            Phase::Off | Phase::Loading(_) | Phase::Running | Phase::Stopping { .. } | Phase::Stopped => {}
        }
    }
}

fn puts_something(op: &StoreOp) -> bool {
    match op {
        StoreOp::PutRegistration(_) | StoreOp::PutBudget(_) | StoreOp::PutProfile(_) => true,
        StoreOp::RemoveRegistration(_) | StoreOp::RemoveBudget(..) => false,
    }
}
