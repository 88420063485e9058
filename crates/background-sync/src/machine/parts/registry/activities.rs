//! What goes on with tags.

use background_sync_registration::{MonotonicTime, SyncRegistration, TagId};

use super::{Activity, Delivery, Registry, Worker, WorkerIx};
use crate::RequestId;

impl Registry {
    /// What goes on with a tag, if anything.
    pub(in crate::machine) fn activity(&self, tag: TagId) -> Option<&Activity> {
        self.worker(self.worker_of(tag)?)?.activity(tag)
    }

    pub(in crate::machine) fn activity_mut(&mut self, tag: TagId) -> Option<&mut Activity> {
        let ix = self.worker_of(tag)?;
        self.worker_mut(ix)?.activity_mut(tag)
    }

    /// A registration and what goes on with its tag, as far as there is either.
    pub(in crate::machine) fn both_mut(
        &mut self,
        tag: TagId,
    ) -> (Option<&mut SyncRegistration>, Option<&mut Activity>) {
        let worker = self.worker_of(tag).and_then(|ix| self.workers.get_mut(ix.0));
        (self.lists.get_mut(tag), worker.and_then(|worker| worker.activity_mut(tag)))
    }

    /// Something begins to go on with a tag that is held.
    pub(in crate::machine) fn begin_activity(&mut self, tag: TagId) -> Option<&mut Activity> {
        let ix = self.worker_of(tag)?;
        Some(self.worker_mut(ix)?.begin_activity(tag))
    }

    /// Ends what is over with a tag: a reply that nobody spoke of counts as delivered, a network refused for a
    /// registration that is gone concerns nobody. The tag loses its name when nothing is left.
    pub(in crate::machine) fn activity_over(&mut self, tag: TagId, now: MonotonicTime) {
        let is_registered = self.registration(tag).is_some();
        let Some(ix) = self.worker_of(tag) else { return };
        let Some(worker) = self.workers.get_mut(ix.0) else { return };
        let undelivered = &mut self.undelivered;
        let goes_on = worker.keep_activity_if(tag, |activity| {
            if let Some(delivered) = activity.take_overdue_delivery(now) {
                undelivered.remove(&delivered.request);
            }
            if !is_registered {
                activity.forget_declined();
            }
            !activity.is_over()
        });
        if !goes_on && !is_registered {
            self.lists.release(tag);
        }
    }

    /// A reply was sent: the event waits for its delivery.
    pub(in crate::machine) fn await_delivery(&mut self, tag: TagId, delivery: Delivery) {
        let before = self.begin_activity(tag).and_then(|activity| activity.await_delivery(delivery));
        if let Some(before) = before {
            self.undelivered.remove(&before.request);
        }
        self.undelivered.insert(delivery.request, tag);
    }

    /// A reply has arrived. Gives the tag that waited for it.
    pub(in crate::machine) fn delivered(&mut self, request: RequestId) -> Option<TagId> {
        let tag = self.undelivered.remove(&request)?;
        self.activity_mut(tag)?.delivered(request).then_some(tag)
    }

    /// The tags with which something goes on, in their order.
    pub(in crate::machine) fn busy_tags(&self, ix: WorkerIx) -> Vec<TagId> {
        let mut tags: Vec<_> = self.worker(ix).into_iter().flat_map(Worker::busy_tags).collect();
        tags.sort_by(|a, b| self.tag(*a).cmp(&self.tag(*b)));
        tags
    }
}
