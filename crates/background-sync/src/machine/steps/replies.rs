//! Replies leave in call order, key by key.

use background_sync_policy::RegistrationKey;

use crate::machine::Machine;
use crate::machine::parts::registry::WorkerIx;
use crate::machine::parts::replies::{Asker, Next};
use crate::{Reply, RequestId};

impl Machine {
    /// Sends a reply that is decided when all earlier requests of the key have theirs (`periodic.queue`).
    pub(in crate::machine) fn reply_in_turn(&mut self, ix: Option<WorkerIx>, request: RequestId, reply: Reply) {
        let asker = ix.and_then(|ix| self.asker(ix));
        let at_once = match asker {
            Some(asker) => self.replies.in_turn(asker, request, reply),
            None => Some(reply),
        };
        if let Some(reply) = at_once {
            self.out.reply(request, reply);
        }
    }

    pub(in crate::machine) fn asker(&self, ix: WorkerIx) -> Option<Asker> {
        let origin = self.registry.worker(ix)?.origin();
        Some(Asker { worker: ix, origin })
    }

    /// Whether another request of this origin may wait for its turn.
    pub(in crate::machine) fn has_room(&self, known: Option<WorkerIx>, key: &RegistrationKey) -> bool {
        let origin = match known.and_then(|ix| self.registry.worker(ix)) {
            Some(worker) => Some(worker.origin()),
            None => self.origins.find(key.partition(), key.origin()),
        };
        self.replies.has_room(origin, self.rules.params())
    }

    /// Decides a request that waited for a commit, and sends what that sets free, up to the first request that is not
    /// decided.
    pub(in crate::machine) fn decide(&mut self, ix: WorkerIx, request: RequestId, reply: Reply) {
        let Some(asker) = self.asker(ix) else { return };
        if !self.replies.decide(ix, request, reply) {
            return;
        }
        loop {
            let registry = &self.registry;
            match self.replies.next(asker, |kind, taken| registry.list_tags_with(ix, kind, taken)) {
                Next::Reply(request, reply) => {
                    if let Reply::Tags(Ok(tags)) = &reply {
                        self.out.visited(tags.len());
                    }
                    self.out.reply(request, reply);
                }
                Next::Undecided => return,
                Next::Nothing => return self.forget_worker_later(ix),
            }
        }
    }

    /// The caller has its reply, or will never have it: the event may follow (invariant I3).
    pub(in crate::machine) fn reply_arrived(&mut self, request: RequestId) {
        if let Some(tag) = self.registry.delivered(request) {
            self.look_again(tag);
        }
    }
}
