//! Replies leave in call order, key by key.

use background_sync_policy::RegistrationKey;

use super::Machine;
use super::state::{QueuedReply, WorkerIx};
use crate::{Output, Reply, RequestId};

impl Machine {
    /// Sends a reply that is decided when all earlier requests of the key have theirs.
    pub(super) fn reply_in_turn(&mut self, ix: Option<WorkerIx>, request: RequestId, reply: Reply) {
        match ix.and_then(|ix| self.workers.get_mut(&ix).map(|worker| (ix, worker))) {
            Some((ix, worker)) if !worker.replies.is_empty() => {
                worker.replies.push_back(QueuedReply::Decided(request, reply));
                self.count_queued(ix, 1);
            }
            Some(_) | None => self.emit(Output::Reply { request, reply }),
        }
    }

    /// Whether another request of this origin may wait for its turn: in all (invariant I10), and of its own
    /// (invariant I17). The refusal does not wait, so it overtakes the earlier calls of its key.
    pub(super) fn has_room(&self, known: Option<WorkerIx>, key: &RegistrationKey) -> bool {
        let origin = match known.and_then(|ix| self.workers.get(&ix)) {
            Some(worker) => Some(worker.origin),
            None => self.origin_by_name.get(&(key.origin().clone(), key.partition())).copied(),
        };
        let of_origin = origin.and_then(|ix| self.origins.get(&ix)).map_or(0, |origin| origin.queued);
        self.queued_replies < self.params.max_queued_requests && of_origin < self.params.max_queued_requests_per_origin
    }

    /// So many requests more wait for their turn, or fewer.
    pub(super) fn count_queued(&mut self, ix: WorkerIx, by: isize) {
        self.queued_replies = self.queued_replies.saturating_add_signed(by);
        let origin = self.workers.get(&ix).map(|worker| worker.origin);
        if let Some(origin) = origin.and_then(|origin| self.origins.get_mut(&origin)) {
            origin.queued = origin.queued.saturating_add_signed(by);
        }
    }

    /// Whether a reply of this worker can leave at once: nothing waits before it.
    pub(super) fn none_waits(&self, ix: WorkerIx) -> bool {
        self.workers.get(&ix).is_none_or(|worker| worker.replies.is_empty())
    }

    /// Decides a request that waited for a commit, and sends what that sets free. Requests are decided
    /// nearly in call order, so the one meant is near the head.
    pub(super) fn decide(&mut self, ix: WorkerIx, request: RequestId, reply: Reply) {
        let Some(worker) = self.workers.get_mut(&ix) else { return };
        for queued in &mut worker.replies {
            if matches!(queued, QueuedReply::Undecided(waiting) if *waiting == request) {
                *queued = QueuedReply::Decided(request, reply);
                return self.release_replies(ix);
            }
        }
    }

    /// Sends what is decided, up to the first request that is not.
    pub(super) fn release_replies(&mut self, ix: WorkerIx) {
        while let Some(worker) = self.workers.get_mut(&ix) {
            let (request, reply) = match worker.replies.pop_front() {
                None => return self.forget_worker_later(ix),
                Some(undecided @ QueuedReply::Undecided(_)) => return worker.replies.push_front(undecided),
                Some(QueuedReply::Decided(request, reply)) => (request, reply),
                // What was acknowledged before this call is in the list by now, and nothing else is.
                Some(QueuedReply::Tags(request)) => {
                    self.stats.registrations_visited += worker.list.len() as u64;
                    (request, Reply::Tags(Ok(worker.list.tags())))
                }
            };
            self.count_queued(ix, -1);
            self.emit(Output::Reply { request, reply });
        }
    }

    /// The caller has its reply, or will never have it: the event may follow (invariant I3).
    pub(super) fn reply_arrived(&mut self, request: RequestId) {
        let Some((ix, tag)) = self.undelivered.remove(&request) else { return };
        let Some(worker) = self.workers.get_mut(&ix) else { return };
        if let Some(activity) = worker.activities.get_mut(&tag)
            && activity.delivery.is_some_and(|delivery| delivery.request == request)
        {
            activity.delivery = None;
            self.place_tag(ix, &tag);
        }
    }
}
