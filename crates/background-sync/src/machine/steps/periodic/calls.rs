//! `PeriodicSyncManager.register` and `unregister`, as far as they differ from one-shot calls.

use background_sync_policy::{RegistrationKey, SyncKind};
use background_sync_registration::{MinInterval, PeriodicAsked, PeriodicRegistered, Tag, TagId};

use crate::machine::Machine;
use crate::machine::parts::journal::Ending;
use crate::machine::parts::registry::{Activity, Ask, Delivery, WorkerIx};
use crate::machine::parts::replies::Taken;
use crate::machine::steps::asks::DELIVERY;
use crate::machine::steps::removal::Removal;
use crate::{EventName, Reply, RequestId, UnregisterError};

impl Machine {
    /// periodic.register.7 to periodic.register.9 for a call that is durable. Says what it changed.
    pub(in crate::machine) fn apply_periodic_ask(
        &mut self,
        tag: TagId,
        ask: Ask,
        min_interval: MinInterval,
    ) -> Option<EventName> {
        let request = ask.request;
        let asked = PeriodicAsked { sequence: ask.sequence, at: ask.at, min_interval };
        let registered = self.registry.register_periodic(tag, ask.permit, asked)?;
        let origin = self.registry.record(tag)?.worker.origin();
        if registered == PeriodicRegistered::New
            && let Some(registration) = self.registry.registration_mut(tag)
        {
            registration.set_network(self.around.last_network());
            // I3: its event does not overtake the promise.
            let until = self.time.monotonic().after(DELIVERY);
            self.registry.await_delivery(tag, Delivery { request, until });
        }
        // It is not written for that: a restart finds the same in the anchors of what is registered.
        self.origins.get_mut(origin)?.periodic_mut().kept_mut().registered(ask.at.wall);
        self.origins.plan_later(origin);
        Some(match registered {
            PeriodicRegistered::New => EventName::RegisteredSync,
            PeriodicRegistered::OtherInterval | PeriodicRegistered::WhileFiring | PeriodicRegistered::Nothing => {
                EventName::ReregisteredSync
            }
        })
    }

    /// Whether a call has nothing to tell the store: the same tag with the same interval, and no event to be the last
    /// for.
    pub(in crate::machine) fn periodic_call_changes_nothing(&self, tag: TagId, min_interval: MinInterval) -> bool {
        let Some(registration) = self.registry.registration(tag) else { return false };
        registration.periodic_call_would_change(min_interval) == PeriodicRegistered::Nothing
            && self.journal.has_written(registration.sequence())
            && !self.is_asked(tag)
    }

    /// periodic.unregister.1, and periodic.unregister.1.1: the tag is looked up in the list of the manager's service
    /// worker registration. No worker, window or permission is asked for.
    pub(in crate::machine) fn unregister_tag(&mut self, request: RequestId, key: &RegistrationKey, tag: &Tag) {
        let known = self.registry.find(key);
        if !self.has_room(known, key) {
            return self.out.reply(request, Reply::Unregistered(Err(UnregisterError::QueueFull)));
        }
        let found = known.and_then(|ix| self.registry.find_tag(ix, SyncKind::Periodic, tag));
        let (Some(ix), Some(tag), true) = (known, found, self.is_registered(found)) else {
            return self.unregister_again(request, known, key);
        };
        self.note_taken(ix, tag);
        // periodic.unregister.1.2: removed; an event that runs goes on, and nothing follows it.
        self.remove_tags(&[tag], Removal::UnregisteredTag);
        if key.partition().is_private() {
            return self.reply_in_turn(Some(ix), request, Reply::Unregistered(Ok(())));
        }
        if let Some(asker) = self.asker(ix) {
            self.replies.wait(asker, request);
        }
        self.journal.note_ending(ix, request, Ending::Unregister);
    }

    /// periodic.queue: `getTags` that was called before still lists the tag.
    fn note_taken(&mut self, ix: WorkerIx, tag: TagId) {
        let Some(record) = self.registry.record(tag) else { return };
        let asks = record.worker.activity(tag).map(Activity::asks).unwrap_or_default();
        let first = asks.first().map(|ask| (ask.sequence, Some(ask.request)));
        let Some((sequence, first)) = record.registration.map(|kept| (kept.sequence(), None)).or(first) else { return };
        let taken = Taken { sequence, tag: record.name.clone() };
        self.replies.taken(ix, SyncKind::Periodic, taken, first);
    }

    /// periodic.unregister.1.3: resolved, also when it was not there; but no crash may bring it back (I3).
    fn unregister_again(&mut self, request: RequestId, known: Option<WorkerIx>, key: &RegistrationKey) {
        if let Some(ix) = known.filter(|_| !key.partition().is_private())
            && self.journal.note_ending_again(ix, request, Ending::Unregister)
        {
            if let Some(asker) = self.asker(ix) {
                self.replies.wait(asker, request);
            }
            return;
        }
        self.reply_in_turn(known, request, Reply::Unregistered(Ok(())));
    }
}
