//! Calls of `register` on their way: what they become when they are durable, or when they are not.

use std::time::Duration;

use background_sync_registration::{Asked, Registered, Sequence, TagId};

use crate::machine::Machine;
use crate::machine::parts::registry::{Activity, Ask, Delivery, Record, Wanted};
use crate::{Detail, EventName, Reason, RegisterError, Reply, TxnId};

/// Without either word on a reply, it counts as delivered after this long.
pub(in crate::machine) const DELIVERY: Duration = Duration::from_secs(1);

impl Machine {
    /// sync.register.7 to sync.register.9 for the calls that are durable now, in call order: those of this number in
    /// this commit, or all. A commit may carry an earlier number of the same tag too.
    pub(in crate::machine) fn apply_asks(&mut self, tag: TagId, carried: Option<(TxnId, Sequence)>) {
        let Some(ix) = self.registry.worker_of(tag) else { return };
        let Some(activity) = self.registry.activity_mut(tag) else { return };
        let durable =
            activity.take(|ask| carried.is_none_or(|(txn, sequence)| ask.txn == Some(txn) && ask.sequence == sequence));
        if durable.is_empty() {
            // What else the commit carried changes nothing of where the registration stands.
            return;
        }
        for ask in durable {
            let request = ask.request;
            self.apply_ask(tag, ask);
            if let Some(registration) = self.registry.registration_mut(tag) {
                registration.age_is_written();
            }
            // sync.register.8.3, sync.register.9.5: resolve, and only then let it fire.
            self.decide(ix, request, Reply::Registered(Ok(())));
        }
        self.look_again_after(tag, true);
        self.dispatch_waiting(tag);
    }

    /// An event may have waited for calls that were made before it.
    fn dispatch_waiting(&mut self, tag: TagId) {
        if let Some(id) = self.registry.activity(tag).and_then(Activity::attempt) {
            self.dispatch_if_ready(id);
        }
    }

    pub(in crate::machine) fn apply_ask(&mut self, tag: TagId, ask: Ask) {
        self.out.visited(1);
        self.wake.something_changed();
        match ask.wanted {
            Wanted::OneShot => self.apply_one_shot_ask(tag, ask),
            #[cfg(feature = "periodic")]
            Wanted::Periodic(min_interval) => {
                let event = self.apply_periodic_ask(tag, ask, min_interval);
                let sequence = self.registry.registration(tag).map(|registration| registration.sequence());
                event.into_iter().for_each(|event| self.report(tag, sequence, event, Vec::new()));
            }
        }
    }

    fn apply_one_shot_ask(&mut self, tag: TagId, ask: Ask) {
        let now = self.time.now();
        let Some(Record { worker, name, registration: existing, .. }) = self.registry.record(tag) else { return };
        let recent_end = worker.recent_end(name);
        let asked = Asked {
            sequence: ask.sequence,
            at: ask.at,
            spacing: self.rules.params().spacing(ask.spaced(), existing, recent_end, now),
            reregistered_in_a_row: ask.while_firing.map_or(0, |before| before.saturating_add(1)),
        };
        if let Some(activity) = self.registry.activity_mut(tag) {
            activity.forget_declined();
        }
        let Some(registered) = self.registry.register(tag, ask.permit, asked) else { return };
        let network = self.around.last_network();
        let Some(registration) = self.registry.registration_mut(tag) else { return };
        let sequence = registration.sequence();
        let event = match registered {
            Registered::New => EventName::RegisteredSync,
            Registered::StillPending | Registered::NoLongerWaiting | Registered::WhileFiring => {
                EventName::ReregisteredSync
            }
        };
        match registered {
            Registered::StillPending => {}
            Registered::New | Registered::NoLongerWaiting | Registered::WhileFiring => {
                registration.set_network(network);
                let until = now.monotonic.after(DELIVERY);
                self.registry.await_delivery(tag, Delivery { request: ask.request, until });
            }
        }
        self.report(tag, Some(sequence), event, Vec::new());
    }

    pub(in crate::machine) fn fail_asks(&mut self, tag: TagId, sequence: Sequence, txn: TxnId) {
        let failed = Err(RegisterError::Store);
        self.withdraw_asks(tag, failed, |ask| ask.txn == Some(txn) && ask.sequence == sequence);
    }

    /// Calls that are not durable yet will not be: they are rejected, or resolved if a later call undoes them.
    pub(in crate::machine) fn withdraw_asks(
        &mut self,
        tag: TagId,
        answer: Result<(), RegisterError>,
        which: impl Fn(&Ask) -> bool,
    ) {
        let Some(ix) = self.registry.worker_of(tag) else { return };
        let unborn = self.registry.registration(tag).is_none();
        let Some(activity) = self.registry.activity_mut(tag) else { return };
        let withdrawn = activity.take(which);
        let lost = unborn && !activity.has_asks() && !withdrawn.is_empty();
        if lost {
            self.count_registration(tag, -1);
        }
        // Of what was never sent to the store nothing has to be taken back, and its number is free again.
        if let Some(unsent) = withdrawn.iter().find(|ask| lost && ask.is_first && ask.txn.is_none()) {
            self.journal.never_sent(unsent.sequence);
        }
        // What the commit in flight makes of these calls is taken back. A failed one is tried again anyway.
        if let (true, Some(ask)) = (answer != Err(RegisterError::Store), withdrawn.iter().find(|ask| ask.txn.is_some()))
        {
            self.dirty(tag, ask.sequence, true);
        }
        for ask in withdrawn {
            if let Err(error) = answer {
                let why = vec![Detail::Reason(Reason::Rejected(error))];
                self.report(tag, None, EventName::RegistrationRefused, why);
            }
            self.decide(ix, ask.request, Reply::Registered(answer));
        }
        self.look_again(tag);
        self.dispatch_waiting(tag);
    }
}
