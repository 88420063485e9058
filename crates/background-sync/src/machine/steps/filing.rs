//! The one place that files a registration by where it stands.

use background_sync_registration::{MonotonicTime, TagId};
use background_sync_scheduler::is_run;

use crate::machine::Machine;
use crate::machine::parts::origins::OriginIx;
use crate::machine::parts::places::Card;
use crate::machine::parts::registry::{Record, WorkerIx};

impl Machine {
    /// Files a registration where it belongs now, or takes it out if it is gone. Called after every change of it.
    pub(in crate::machine) fn file(&mut self, tag: TagId) {
        self.refile(tag, false);
    }

    /// The same, by what has changed with its tag; and the tag is forgotten if nothing goes on with it.
    pub(in crate::machine) fn look_again(&mut self, tag: TagId) {
        self.look_again_after(tag, false);
    }

    /// The same; `renewed` when a call has made it young again.
    pub(in crate::machine) fn look_again_after(&mut self, tag: TagId, renewed: bool) {
        let Some(worker) = self.registry.worker_of(tag) else { return };
        self.registry.activity_over(tag, self.time.monotonic());
        if self.registry.registration(tag).is_some() {
            self.refile(tag, renewed);
        }
        self.forget_worker_later(worker);
    }

    fn refile(&mut self, tag: TagId, renewed: bool) {
        if let Some(origin) = self.place(tag, renewed) {
            self.file_for_wake(origin);
        }
    }

    /// Files a registration, and leaves to the caller to file its origin for waking, if that is to be done: it is
    /// given then.
    pub(in crate::machine) fn place(&mut self, tag: TagId, renewed: bool) -> Option<OriginIx> {
        self.out.visited(1);
        let Record { ix, worker, kind, registration, .. } = self.registry.record(tag)?;
        let (origin, private) = (worker.origin(), worker.is_private());
        let lists = self.registry.lists();
        let moved = match registration {
            None => self.places.remove(tag, origin, lists),
            Some(_) if !is_run(kind) => return None,
            Some(registration) => {
                let standing = self.own_holds(worker, kind, worker.activity(tag), registration).standing();
                let (sequence, registered) = (registration.sequence(), registration.registered().running);
                let worker = ix.rank();
                let card = Card { tag, sequence, origin, worker, private, registered, renewed, standing };
                self.places.file(card, lists)
            }
        };
        // One that was ready may have stood before one that is held by less.
        if moved.is_ready || (moved.was_ready && self.places.has_ready(origin)) {
            self.origins.join(origin);
        }
        (moved.is_ready || moved.was_ready).then_some(origin)
    }

    /// Files all registrations of a worker.
    pub(in crate::machine) fn file_all_of(&mut self, ix: WorkerIx) {
        let tags: Vec<_> = self.registry.registrations_of(ix).map(|(tag, ..)| tag).collect();
        for tag in tags {
            self.file(tag);
        }
    }

    /// Files an origin by when it could start something, if there were a network: the device is woken for that.
    pub(in crate::machine) fn file_for_wake(&mut self, ix: OriginIx) {
        let Some(origin) = self.origins.get(ix) else { return };
        let at = self.places.has_ready(ix).then(|| self.origin_holds(ix, origin));
        let at = at.filter(|holds| !holds.full && !holds.is_refused()).map(|holds| {
            let budget = holds.budget.map(|wait| self.time.monotonic().after(wait));
            let drawn = !origin.needs_spread(self.around.link_epoch());
            let spread = drawn.then_some(origin.spread_until());
            budget.max(spread).max(holds.wake_up).unwrap_or(MonotonicTime::ZERO)
        });
        self.wake.file(ix, origin.is_private(), at);
    }

    pub(in crate::machine) fn file_all_for_wake(&mut self) {
        for ix in self.origins.all() {
            self.file_for_wake(ix);
        }
    }

    /// An origin may have a reason less to wait: let it line up again.
    pub(in crate::machine) fn recheck_origin(&mut self, ix: OriginIx) {
        if self.places.has_ready(ix) {
            self.origins.join(ix);
        }
    }

    pub(in crate::machine) fn recheck_all_origins(&mut self) {
        for ix in self.origins.all() {
            self.recheck_origin(ix);
        }
    }

    /// Its spread has ended, or its budget has room again.
    pub(in crate::machine) fn origin_may_go_on(&mut self, ix: OriginIx) {
        self.file_for_wake(ix);
        self.recheck_origin(ix);
    }
}
