//! Replies leave in call order, key by key.

use super::Machine;
use super::state::{QueuedReply, WorkerIx};
use crate::{Output, Reply, RequestId};

impl Machine {
    /// Sends a reply that is decided when all earlier requests of the key have theirs.
    pub(super) fn reply_in_turn(&mut self, ix: Option<WorkerIx>, request: RequestId, reply: Reply) {
        match ix.and_then(|ix| self.workers.get_mut(&ix).map(|worker| (ix, worker))) {
            Some((ix, worker)) => {
                worker.replies.push_back(QueuedReply::Decided(request, reply));
                self.queued_replies += 1;
                self.release_replies(ix);
            }
            None => self.emit(Output::Reply { request, reply }),
        }
    }

    /// Whether another request may wait for its turn (invariant I10).
    pub(super) fn has_room(&self) -> bool {
        self.queued_replies < self.params.max_queued_requests
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
            self.queued_replies = self.queued_replies.saturating_sub(1);
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
