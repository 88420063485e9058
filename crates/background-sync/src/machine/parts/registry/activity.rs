#[cfg(test)]
mod tests;

use std::time::Duration;

use background_sync_policy::{RegistrationPermit, SyncKind};
#[cfg(feature = "periodic")]
use background_sync_registration::MinInterval;
use background_sync_registration::{MonotonicTime, NetworkIdentity, Observed, Schedule, Sequence, WallTime, memory};
use background_sync_scheduler::{AskedBy, SpacedCall};

use crate::{AttemptId, RequestId, TxnId};

/// What is going on with one tag.
#[derive(Debug, Default)]
pub(in crate::machine) struct Activity {
    /// Calls of `register` that are not durable yet, in call order.
    asks: Vec<Ask>,
    /// The attempt that runs, of this or an earlier registration of the tag (invariant I2).
    attempt: Option<AttemptId>,
    /// The reply that must be delivered before an event (invariant I3).
    delivery: Option<Delivery>,
    /// The network that the user refused for it.
    declined: Option<NetworkIdentity>,
}

/// What a call of `register` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::machine) enum Wanted {
    /// One event.
    OneShot,
    /// One event every so often.
    #[cfg(feature = "periodic")]
    Periodic(MinInterval),
}

impl Wanted {
    pub(in crate::machine) fn kind(self) -> SyncKind {
        match self {
            Self::OneShot => SyncKind::OneShot,
            #[cfg(feature = "periodic")]
            Self::Periodic(_) => SyncKind::Periodic,
        }
    }

    /// What the call, made at that time, makes of a schedule: a new interval counts from the old anchor.
    pub(in crate::machine) fn schedule(self, before: Option<Schedule>, at: WallTime) -> Option<Schedule> {
        match self {
            Self::OneShot => {
                let _: WallTime = at;
                before
            }
            #[cfg(feature = "periodic")]
            Self::Periodic(min_interval) => {
                let anchor = before.map_or(at, |schedule| schedule.anchor);
                Some(Schedule::new(min_interval, anchor))
            }
        }
    }
}

/// A permitted call of `register` on its way to the store.
#[derive(Debug)]
pub(in crate::machine) struct Ask {
    pub(in crate::machine) request: RequestId,
    pub(in crate::machine) permit: RegistrationPermit,
    /// The number of the registration it is about, or of the one it will make.
    pub(in crate::machine) sequence: Sequence,
    /// The number was given for this call.
    pub(in crate::machine) is_first: bool,
    pub(in crate::machine) asked_by: AskedBy,
    pub(in crate::machine) wanted: Wanted,
    pub(in crate::machine) at: Observed,
    /// What the loop breaker said.
    pub(in crate::machine) hop: Duration,
    /// The event of the tag was running when the call was made; how often in a row it had been
    /// registered again by then.
    pub(in crate::machine) while_firing: Option<u32>,
    /// The commit that carries it, once sent.
    pub(in crate::machine) txn: Option<TxnId>,
}

impl Ask {
    pub(in crate::machine) fn spaced(&self) -> SpacedCall {
        SpacedCall { asked_by: self.asked_by, hop: self.hop, while_firing: self.while_firing }
    }
}

/// A reply that was sent and must arrive before the event.
#[derive(Clone, Copy, Debug)]
pub(in crate::machine) struct Delivery {
    pub(in crate::machine) request: RequestId,
    pub(in crate::machine) until: MonotonicTime,
}

impl Activity {
    pub(in crate::machine) fn is_over(&self) -> bool {
        self.asks.is_empty() && self.attempt.is_none() && self.delivery.is_none() && self.declined.is_none()
    }

    pub(in crate::machine) fn asks(&self) -> &[Ask] {
        &self.asks
    }

    pub(in crate::machine) fn has_asks(&self) -> bool {
        !self.asks.is_empty()
    }

    /// Adds a call. I11: it joins the fate of an equal call whose commit is in flight, and says so. One that asks for
    /// something else than the last one has a commit of its own, as what is in flight says nothing of it (invariant I3).
    pub(in crate::machine) fn add(&mut self, mut ask: Ask) -> bool {
        ask.txn = self.asks.last().filter(|last| last.wanted == ask.wanted).and_then(|last| last.txn);
        let joins = ask.txn.is_some();
        self.asks.push(ask);
        joins
    }

    /// The commit that carries the calls is sent.
    pub(in crate::machine) fn sent(&mut self, txn: TxnId) {
        for ask in &mut self.asks {
            ask.txn = Some(txn);
        }
    }

    /// Takes calls out, in call order.
    pub(in crate::machine) fn take(&mut self, which: impl Fn(&Ask) -> bool) -> Vec<Ask> {
        if self.asks.iter().all(&which) {
            return std::mem::take(&mut self.asks);
        }
        let (taken, left) = std::mem::take(&mut self.asks).into_iter().partition(which);
        self.asks = left;
        taken
    }

    pub(in crate::machine) fn attempt(&self) -> Option<AttemptId> {
        self.attempt
    }

    pub(in crate::machine) fn attempt_begins(&mut self, attempt: AttemptId) {
        self.attempt = Some(attempt);
    }

    pub(in crate::machine) fn attempt_ends(&mut self, attempt: AttemptId) {
        self.attempt.take_if(|running| *running == attempt);
    }

    /// When the reply that the event waits for counts as delivered.
    pub(in crate::machine) fn reply_by(&self) -> Option<MonotonicTime> {
        self.delivery.map(|delivery| delivery.until)
    }

    pub(super) fn await_delivery(&mut self, delivery: Delivery) -> Option<Delivery> {
        self.delivery.replace(delivery)
    }

    /// `false` when another reply is waited for.
    pub(super) fn delivered(&mut self, request: RequestId) -> bool {
        self.delivery.take_if(|delivery| delivery.request == request).is_some()
    }

    pub(super) fn take_overdue_delivery(&mut self, now: MonotonicTime) -> Option<Delivery> {
        self.delivery.take_if(|delivery| delivery.until <= now)
    }

    pub(in crate::machine) fn declined(&self) -> Option<NetworkIdentity> {
        self.declined
    }

    pub(in crate::machine) fn decline(&mut self, network: Option<NetworkIdentity>) {
        self.declined = network;
    }

    pub(in crate::machine) fn forget_declined(&mut self) {
        self.declined = None;
    }

    /// The registration is gone. Gives the delivery that was waited for.
    pub(super) fn forget_registration(&mut self) -> Option<Delivery> {
        self.declined = None;
        self.delivery.take()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        memory::of_vec(&self.asks)
    }
}
