//! What follows from a commit that failed.

use background_sync_registration::{Sequence, TagId};

use crate::machine::Machine;
use crate::machine::parts::Phase;
use crate::machine::parts::time::Timer;
use crate::{AttemptId, EventName, Ignored, TxnId};

impl Machine {
    /// The commit failed, and the store says that it has lost more than that: it is given everything anew.
    pub(in crate::machine) fn contents_lost(&mut self, txn: TxnId) {
        let Some(in_flight) = self.journal.in_flight(txn) else {
            return self.ignore(Ignored::NotInFlight);
        };
        if let (Phase::Stopping { last }, false) = (&mut self.phase, in_flight.is_rewrite()) {
            // It was not the last one after all. A rewrite that fails is.
            *last = None;
        }
        self.journal.contents_lost();
        // I5: attempts that were durable are so no longer. They are in the rewrite.
        self.attempts.nothing_is_written();
        self.commit_failed(txn);
    }

    /// I11: exactly the requests in the commit fail; an attempt that could not be written does not
    /// start; everything else is tried again.
    pub(in crate::machine) fn commit_failed(&mut self, txn: TxnId) {
        let Some((failed, retry_at)) = self.journal.failed(txn, self.time.monotonic()) else {
            return self.ignore(Ignored::NotInFlight);
        };
        self.out.commit_failed();
        self.report_general(EventName::StoreFailed, Vec::new());
        self.time.set(Timer::StoreRetry, retry_at);
        for (sequence, tag) in failed.registrations() {
            let first_of_its_number = self.was_given_for(tag, sequence, txn);
            self.fail_asks(tag, sequence, txn);
            if first_of_its_number && !self.is_there(tag, sequence) {
                self.journal.refuse_number(sequence);
            }
            // It may be on the disk all the same: what was refused is taken back by the next commit.
            self.journal.note_too(sequence, tag);
            self.write_attempt_of(tag);
        }
        self.journal.take_numbers_back();
        for (ix, request, how) in failed.endings() {
            self.decide(*ix, *request, how.reply(false));
        }
        for id in failed.attempts() {
            self.abandon_unwritten(*id, txn);
        }
        self.journal.note_again(failed);
        if let Phase::Stopping { last } = self.phase {
            // The store has one chance for the last commit; what it does not take is taken up by the next
            // start.
            self.journal.set_urgent(last.is_none());
            if last == Some(txn) {
                self.phase = Phase::Stopped;
                self.give_up_confirmations();
            }
        }
    }

    /// An attempt that could not be written does not start, and costs nothing.
    fn abandon_unwritten(&mut self, id: AttemptId, txn: TxnId) {
        if self.attempts.is_in(id, txn) {
            self.abandon(id);
        }
    }

    /// Whether a call in this commit was the first that got this number.
    fn was_given_for(&self, tag: TagId, sequence: Sequence, txn: TxnId) -> bool {
        let asks = self.registry.activity(tag).map(|activity| activity.asks());
        let mut asks = asks.into_iter().flatten();
        asks.any(|ask| ask.sequence == sequence && ask.is_first && ask.txn == Some(txn))
    }

    /// Whether a registration, or a call that will make it, has this number.
    fn is_there(&self, tag: TagId, sequence: Sequence) -> bool {
        let asks = self.registry.activity(tag).map(|activity| activity.asks());
        self.registry.of_sequence(tag, sequence).is_some()
            || asks.into_iter().flatten().any(|ask| ask.sequence == sequence)
    }
}
