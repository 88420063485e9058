//! What has to be written. One commit is in flight at a time; what arrives meanwhile shares the next.

mod commit;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

use background_sync_policy::{Origin, Partition};
use background_sync_registration::{MonotonicTime, Sequence, TagId, memory};
use background_sync_scheduler::{running_time_is_due, running_time_is_worth_a_commit};

use super::numbers::Numbers;
use super::origins::OriginIx;
use super::registry::WorkerIx;
use super::session::Session;
use crate::{AttemptId, NetworkSecret, RequestId, StoredProfile, TxnId};
pub(in crate::machine) use commit::{Carried, Ending, InFlight};

/// First wait after a failed commit; doubles.
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// Longest such wait.
const LAST_RETRY: Duration = Duration::from_secs(60);

/// What is out of date in the store, and the commit that is on its way there.
#[derive(Debug, Default)]
pub(in crate::machine) struct Journal {
    pending: Carried,
    /// Origins of which something was learnt that is written with whatever is written next, and for which nothing is.
    along: BTreeSet<OriginIx>,
    /// The profile's own record is out of date.
    profile: bool,
    /// The store has lost something: the next commit replaces all it holds.
    rewrite: bool,
    /// Somebody waits for the next commit.
    urgent: bool,
    /// `Timer::LazyCommit` is set.
    lazy_armed: bool,
    in_flight: Option<InFlight>,
    /// How many wait to hear of a commit that something is gone (invariant I10).
    confirmations: usize,
    last_txn: u64,
    failures: u32,
    /// After a failed commit: nothing of the profile starts before this, and what can wait does.
    retry_at: Option<MonotonicTime>,
    numbers: Numbers,
    /// The running time of the profile that the store has.
    running: Duration,
    /// What it was when it was last worth a commit of its own.
    for_itself: Option<Duration>,
}

/// Whether what was taken away is durably gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::machine) enum Gone {
    /// It is: nothing waits to be written.
    Durably,
    /// A commit will say so.
    NotYet,
    /// A commit would, but too many wait for that.
    NoRoom,
}

impl Journal {
    /// Goes on from what the store has: the next number, and the running time of the profile.
    pub(in crate::machine) fn resume(&mut self, next: Sequence, running: Duration) {
        self.numbers.resume(next);
        self.running = running;
    }

    /// Commits are numbered from here on.
    pub(in crate::machine) fn begin(&mut self, session: Session) {
        self.last_txn = session.before_the_first();
    }

    /// The number of a first registration.
    pub(in crate::machine) fn give_number(&mut self) -> Sequence {
        self.numbers.give()
    }

    /// Nothing came of a number that was sent to the store.
    pub(in crate::machine) fn refuse_number(&mut self, sequence: Sequence) {
        self.numbers.refuse(sequence);
    }

    /// The last numbers, if nothing came of them, are given again.
    pub(in crate::machine) fn take_numbers_back(&mut self) {
        self.numbers.take_back();
    }

    /// The stored form of a registration is out of date.
    pub(in crate::machine) fn note(&mut self, sequence: Sequence, tag: TagId) {
        self.pending.registrations.insert(sequence, tag);
    }

    /// The same, if nothing else is known of that number.
    pub(in crate::machine) fn note_too(&mut self, sequence: Sequence, tag: TagId) {
        self.pending.registrations.entry(sequence).or_insert(tag);
    }

    /// Nothing came of a call that was never sent. Its number may have been given before, to one whose commit failed
    /// and may be on the disk all the same: then the next commit takes it out.
    pub(in crate::machine) fn never_sent(&mut self, sequence: Sequence) {
        if self.failures == 0 {
            self.pending.registrations.remove(&sequence);
        }
        self.numbers.refuse(sequence);
        self.numbers.take_back();
    }

    pub(in crate::machine) fn note_budget(&mut self, origin: OriginIx, partition: Partition, name: &Origin) {
        self.pending.forgotten_budgets.retain(|(of, forgotten)| *of != partition || forgotten != name);
        self.pending.budgets.insert(origin);
    }

    /// Everything in the store has to be written anew, this budget too.
    pub(in crate::machine) fn note_budget_too(&mut self, origin: OriginIx) {
        self.pending.budgets.insert(origin);
    }

    /// Something was learnt of an origin: it goes with the next commit, and nobody waits for that, nor has to stay.
    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn note_along(&mut self, origin: OriginIx) {
        self.along.insert(origin);
    }

    /// There may be no other commit: what was learnt is to be written for itself.
    pub(in crate::machine) fn bring_along(&mut self) {
        self.pending.budgets.append(&mut self.along);
    }

    /// An origin is forgotten, and its budget if it was stored.
    pub(in crate::machine) fn forget_budget(&mut self, origin: OriginIx, stored: Option<(Partition, Origin)>) {
        self.along.remove(&origin);
        self.pending.budgets.remove(&origin);
        self.pending.forgotten_budgets.extend(stored);
    }

    pub(in crate::machine) fn note_profile(&mut self) {
        self.profile = true;
    }

    /// The process may be gone after this: the profile's record is written if a crash would lose much of its running
    /// time, and not for that alone more than once a day.
    pub(in crate::machine) fn keep_running_time(&mut self, running: Duration) {
        if running_time_is_worth_a_commit(self.running, self.for_itself, running) {
            self.for_itself = Some(running);
            self.profile = true;
        }
    }

    /// The engine shuts down: the running time is written once more, if the profile has anything in the store.
    pub(in crate::machine) fn note_profile_at_the_end(&mut self) {
        self.profile = self.numbers.any_reserved();
    }

    /// Somebody has just taken a tag away, and is answered when that is durable.
    pub(in crate::machine) fn note_ending(&mut self, worker: WorkerIx, request: RequestId, how: Ending) {
        self.pending.endings.push((worker, request, how));
        self.hurry();
    }

    /// Somebody wants to hear when what was just taken away is durably gone. Whatever else is unwritten is waited for
    /// too: an earlier removal of the same, or a refused call whose commit failed and may be on the disk.
    pub(in crate::machine) fn confirm(&mut self, request: RequestId, most: usize) -> Gone {
        let has_room = self.confirmations < most;
        match self.carrier() {
            None => return Gone::Durably,
            Some(_) if !has_room => return Gone::NoRoom,
            Some(carrier) => carrier.confirmations.push(request),
        }
        self.confirmations += 1;
        Gone::NotYet
    }

    /// The last commit that may say anything of a registration that is gone, if there is one to come.
    fn carrier(&mut self) -> Option<&mut Carried> {
        match &mut self.in_flight {
            Some(commit) if self.pending.registrations.is_empty() && (commit.rewrite || !self.rewrite) => {
                Some(&mut commit.carried).filter(|carried| commit.rewrite || !carried.registrations.is_empty())
            }
            Some(_) | None if self.rewrite || !self.pending.registrations.is_empty() => {
                self.urgent = true;
                Some(&mut self.pending)
            }
            Some(_) | None => None,
        }
    }

    /// Somebody takes a tag away that is gone already. Says whether the store may still have it: then it is answered
    /// when it has not.
    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn note_ending_again(&mut self, worker: WorkerIx, request: RequestId, how: Ending) -> bool {
        let carrier = self.carrier();
        let may_be_stored = carrier.is_some();
        carrier.into_iter().for_each(|carrier| carrier.endings.push((worker, request, how)));
        may_be_stored
    }

    /// Those who will never hear it: the store takes nothing any more.
    pub(in crate::machine) fn give_up_confirmations(&mut self) -> Vec<RequestId> {
        self.confirmations = 0;
        std::mem::take(&mut self.pending.confirmations)
    }

    /// Somebody waits for what is noted.
    pub(in crate::machine) fn hurry(&mut self) {
        self.urgent = true;
    }

    /// What is noted can wait a while. `true` when the timer for that has to be set.
    pub(in crate::machine) fn can_wait(&mut self) -> bool {
        !std::mem::replace(&mut self.lazy_armed, true)
    }

    pub(in crate::machine) fn is_clean(&self) -> bool {
        self.pending.is_empty() && !self.profile && !self.rewrite
    }

    /// Whether everything is durable.
    pub(in crate::machine) fn is_written(&self) -> bool {
        self.in_flight.is_none() && self.is_clean()
    }

    /// Whether the store has all that there is to say of a registration: nothing of it waits to be written or is on
    /// its way there, and nothing was lost.
    pub(in crate::machine) fn has_written(&self, sequence: Sequence) -> bool {
        let carried = self.in_flight.as_ref().map(|commit| &commit.carried);
        let mut unwritten = [Some(&self.pending), carried].into_iter().flatten();
        !self.rewrite && !unwritten.any(|unwritten| unwritten.registrations.contains_key(&sequence))
    }

    /// Whether the next commit can be sent, and somebody waits for it.
    pub(in crate::machine) fn is_due(&self) -> bool {
        self.in_flight.is_none() && self.urgent
    }

    /// What was noted is being written, or there is nothing.
    pub(in crate::machine) fn settle_down(&mut self) {
        self.urgent = false;
        self.lazy_armed = false;
    }

    pub(in crate::machine) fn is_rewrite(&self) -> bool {
        self.rewrite
    }

    /// Takes out what the next commit carries, and names that.
    pub(in crate::machine) fn take(&mut self) -> (TxnId, Carried) {
        self.bring_along();
        self.last_txn += 1;
        (TxnId(self.last_txn - 1), std::mem::take(&mut self.pending))
    }

    /// The profile's record, if it has to be written: a number that may be used must be reserved in the store, or a
    /// restart could use it again; and a running time that is far behind costs little where something is written anyway.
    pub(in crate::machine) fn profile_to_write(
        &mut self,
        running: Duration,
        secret: NetworkSecret,
        periodic: impl FnOnce() -> Vec<u8>,
    ) -> Option<StoredProfile> {
        self.profile |= running_time_is_due(self.running, running);
        if !self.numbers.are_used_up() && !self.profile {
            return None;
        }
        self.profile = false;
        let next_sequence = self.numbers.to_reserve();
        Some(StoredProfile { next_sequence, running, network_secret: secret, periodic: periodic() })
    }

    /// It is on its way, with the profile's record if that has to be written, and these attempts.
    pub(in crate::machine) fn sent(
        &mut self,
        txn: TxnId,
        carried: Carried,
        profile: Option<StoredProfile>,
        attempts: Vec<AttemptId>,
    ) {
        self.in_flight = Some(InFlight { txn, rewrite: self.rewrite, carried, profile, attempts });
    }

    /// The commit in flight, if that is its name.
    pub(in crate::machine) fn in_flight(&self, txn: TxnId) -> Option<&InFlight> {
        self.in_flight.as_ref().filter(|commit| commit.txn == txn)
    }

    /// It is durable. The flag says that the store had failed before.
    pub(in crate::machine) fn succeeded(&mut self, txn: TxnId) -> Option<(InFlight, bool)> {
        let done = self.in_flight.take_if(|commit| commit.txn == txn)?;
        self.failures = 0;
        self.rewrite &= !done.rewrite;
        self.confirmations = self.confirmations.saturating_sub(done.carried.confirmations.len());
        if let Some(profile) = &done.profile {
            self.numbers.reserved(profile.next_sequence);
            self.running = profile.running;
        }
        if let Some((last, _)) = done.carried.registrations.last_key_value() {
            self.numbers.used_up_to(*last);
        }
        Some((done, self.retry_at.take().is_some()))
    }

    /// The store has lost what it had: it is given everything anew.
    pub(in crate::machine) fn contents_lost(&mut self) {
        self.rewrite = true;
    }

    /// It failed. Gives what it carried, and when the store is tried again.
    pub(in crate::machine) fn failed(&mut self, txn: TxnId, now: MonotonicTime) -> Option<(InFlight, MonotonicTime)> {
        let failed = self.in_flight.take_if(|commit| commit.txn == txn)?;
        self.failures = self.failures.saturating_add(1);
        let retry_at = now.after(retry_delay(self.failures));
        self.retry_at = Some(retry_at);
        Some((failed, retry_at))
    }

    /// What a failed commit carried besides registrations and cancellations, which are decided one by one, has to be
    /// written all the same.
    pub(in crate::machine) fn note_again(&mut self, failed: InFlight) {
        self.pending.confirmations.splice(..0, failed.carried.confirmations);
        self.pending.budgets.extend(failed.carried.budgets);
        self.pending.forgotten_budgets.extend(failed.carried.forgotten_budgets);
        self.profile |= failed.profile.is_some();
    }

    /// When the store is tried again, after a failure.
    pub(in crate::machine) fn retry_at(&self) -> Option<MonotonicTime> {
        self.retry_at
    }

    /// The store is tried again now.
    pub(in crate::machine) fn retry(&mut self) {
        self.retry_at = None;
        self.hurry();
    }

    /// Whether another commit is to be tried, or not.
    pub(in crate::machine) fn set_urgent(&mut self, urgent: bool) {
        self.urgent = urgent;
    }

    pub(in crate::machine) fn heap_bytes(&self) -> usize {
        let in_flight = self.in_flight.as_ref().map_or(0, InFlight::heap_bytes);
        self.pending.heap_bytes() + memory::of_tree_set(&self.along) + in_flight + self.numbers.heap_bytes()
    }
}

fn retry_delay(failures: u32) -> Duration {
    FIRST_RETRY.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1).min(10))).min(LAST_RETRY)
}
