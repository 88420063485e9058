//! Requests without a reply. Replies leave in call order, key by key.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

use background_sync_policy::SyncKind;
use background_sync_registration::{Sequence, Tag, memory};
use background_sync_scheduler::SyncParameters;

use super::origins::OriginIx;
use super::registry::WorkerIx;
use super::table::Beside;
use crate::{CancelError, GetTagsError, Reply, RequestId};

/// The room of a queue that had more than this is given back when it is empty.
const ROOM: usize = 64;

/// The queues of requests, one for each worker that has any.
#[derive(Debug, Default)]
pub(in crate::machine) struct Replies {
    queues: Beside<VecDeque<Queued>>,
    /// Invariant I17.
    of_origin: Beside<usize>,
    /// Invariant I10.
    all: usize,
}

/// A request in the order of calls of one key.
#[derive(Debug)]
enum Queued {
    /// Waits for a commit.
    Undecided(RequestId),
    /// Waits for its turn.
    Decided(RequestId, Reply),
    /// `getTags`: answered with what is true when its turn comes.
    Tags(TagsAsked),
}

/// A call of `getTags` that waits for its turn.
#[derive(Debug)]
struct TagsAsked {
    request: RequestId,
    kind: SyncKind,
    /// What later calls took away already.
    taken_since: Vec<Arc<Taken>>,
}

/// A tag that a page took out of its list, and the number that it went by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::machine) struct Taken {
    pub(in crate::machine) sequence: Sequence,
    pub(in crate::machine) tag: Tag,
}

/// A worker and its origin, which requests are counted for.
#[derive(Clone, Copy, Debug)]
pub(in crate::machine) struct Asker {
    pub(in crate::machine) worker: WorkerIx,
    pub(in crate::machine) origin: OriginIx,
}

impl Replies {
    /// Whether another request of this origin may wait for its turn: in all (invariant I10), and of its own
    /// (invariant I17). The refusal does not wait, so it overtakes the earlier calls of its key.
    pub(in crate::machine) fn has_room(&self, origin: Option<OriginIx>, params: &SyncParameters) -> bool {
        let of_origin = origin.map_or(0, |origin| self.queued_of(origin));
        self.all < params.max_queued_requests && of_origin < params.max_queued_requests_per_origin
    }

    pub(in crate::machine) fn queued_of(&self, origin: OriginIx) -> usize {
        self.of_origin.get(origin.name()).copied().unwrap_or(0)
    }

    /// Whether a reply of this worker can leave at once: nothing waits before it.
    pub(in crate::machine) fn none_waits(&self, worker: WorkerIx) -> bool {
        self.len_of(worker) == 0
    }

    pub(in crate::machine) fn len_of(&self, worker: WorkerIx) -> usize {
        self.queues.get(worker.name()).map_or(0, VecDeque::len)
    }

    /// A request that waits for a commit.
    pub(in crate::machine) fn wait(&mut self, asker: Asker, request: RequestId) {
        self.push(asker, Queued::Undecided(request));
    }

    /// A request that is answered in its turn, with what is true then.
    pub(in crate::machine) fn wait_for_tags(&mut self, asker: Asker, request: RequestId, kind: SyncKind) {
        self.push(asker, Queued::Tags(TagsAsked { request, kind, taken_since: Vec::new() }));
    }

    /// A call takes a tag away at once, and calls of `getTags` that were made before it wait: they still list it, as those
    /// that call order puts after its registration do. That is all of them, or those after the request that `first` names.
    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn taken(&mut self, worker: WorkerIx, of: SyncKind, taken: Taken, first: Option<RequestId>) {
        let taken = Arc::new(taken);
        let mut is_registered = first.is_none();
        for queued in self.queues.get_mut(worker.name()) {
            match queued {
                Queued::Undecided(request) => is_registered |= Some(*request) == first,
                Queued::Tags(asked) if is_registered && asked.kind == of => asked.taken_since.push(Arc::clone(&taken)),
                Queued::Decided(..) | Queued::Tags(_) => {}
            }
        }
    }

    /// A request that is decided. Gives the reply back if it can leave at once.
    pub(in crate::machine) fn in_turn(&mut self, asker: Asker, request: RequestId, reply: Reply) -> Option<Reply> {
        if self.none_waits(asker.worker) {
            return Some(reply);
        }
        self.push(asker, Queued::Decided(request, reply));
        None
    }

    /// Decides a request that waited for a commit; `false` when there is none. Requests are decided nearly in call
    /// order, so the one meant is near the head.
    pub(in crate::machine) fn decide(&mut self, worker: WorkerIx, request: RequestId, reply: Reply) -> bool {
        let waiting = self.queues.get_mut(worker.name()).iter_mut().find(|queued| match queued {
            Queued::Undecided(waiting) => *waiting == request,
            Queued::Decided(..) | Queued::Tags(_) => false,
        });
        waiting.map(|queued| *queued = Queued::Decided(request, reply)).is_some()
    }

    /// The next reply that can leave, with what the list holds now if it asked for that. The flag says that the
    /// queue is empty.
    pub(in crate::machine) fn next(
        &mut self,
        asker: Asker,
        tags: impl FnOnce(SyncKind, &[Arc<Taken>]) -> Vec<Tag>,
    ) -> Next {
        let queue = self.queues.get_mut(asker.worker.name());
        let next = match queue.front() {
            None => return Next::Nothing,
            Some(Queued::Undecided(_)) => return Next::Undecided,
            Some(Queued::Decided(..) | Queued::Tags(_)) => queue.pop_front(),
        };
        if queue.is_empty() && queue.capacity() > ROOM {
            *queue = VecDeque::new();
        }
        self.count_off(asker.origin, 1);
        match next {
            Some(Queued::Decided(request, reply)) => Next::Reply(request, reply),
            // What was acknowledged before this call is in the list by now, or was taken since; nothing else is.
            Some(Queued::Tags(TagsAsked { request, kind, taken_since })) => {
                Next::Reply(request, Reply::Tags(Ok(tags(kind, &taken_since))))
            }
            Some(Queued::Undecided(_)) | None => Next::Undecided,
        }
    }

    /// I7: at shutdown nothing stays without a reply.
    pub(in crate::machine) fn give_up(&mut self, asker: Asker) -> Vec<(RequestId, Reply)> {
        let queue = std::mem::take(self.queues.get_mut(asker.worker.name()));
        self.count_off(asker.origin, queue.len());
        let replies = queue.into_iter().map(|queued| match queued {
            Queued::Undecided(request) => (request, Reply::Cancelled(Err(CancelError::Shutdown))),
            Queued::Decided(request, reply) => (request, reply),
            Queued::Tags(asked) => (asked.request, Reply::Tags(Err(GetTagsError::Shutdown))),
        });
        replies.collect()
    }

    fn push(&mut self, asker: Asker, queued: Queued) {
        self.queues.get_mut(asker.worker.name()).push_back(queued);
        self.all += 1;
        *self.of_origin.get_mut(asker.origin.name()) += 1;
    }

    fn count_off(&mut self, origin: OriginIx, requests: usize) {
        self.all = self.all.saturating_sub(requests);
        let of_origin = self.of_origin.get_mut(origin.name());
        *of_origin = of_origin.saturating_sub(requests);
    }

    pub(in crate::machine) fn heap_bytes(&self) -> usize {
        let Self { queues, of_origin, all: _ } = self;
        queues.heap_bytes() + queues.iter().map(memory::of_deque).sum::<usize>() + of_origin.heap_bytes()
    }
}

/// What can leave next.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::machine) enum Next {
    /// This.
    Reply(RequestId, Reply),
    /// The first one is not decided.
    Undecided,
    /// Nothing waits.
    Nothing,
}
