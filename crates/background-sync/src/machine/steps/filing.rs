//! The one place that files a registration by where it stands.

use background_sync_policy::SyncKind;
use background_sync_registration::{MonotonicTime, TagId};

use crate::machine::Machine;
use crate::machine::parts::origins::{Lane, OriginIx};
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
        if let Some(lane) = self.place(tag, renewed) {
            self.file_for_wake(lane);
        }
    }

    /// Files a registration, and leaves to the caller to file its lane for waking, if that is to be done: it is given
    /// then.
    pub(in crate::machine) fn place(&mut self, tag: TagId, renewed: bool) -> Option<Lane> {
        self.out.visited(1);
        let record = self.registry.record(tag)?;
        let Record { ix, worker, kind, registration, .. } = record;
        let (lane, private) = (worker.origin().lane(kind), worker.is_private());
        let lists = self.registry.lists();
        let moved = match registration {
            None => self.places.remove(tag, lane.origin, lists),
            Some(_) if !self.rules.params().runs(kind) => return None,
            Some(registration) => {
                let standing = self.own_holds(&record, registration).standing();
                let (sequence, registered) = (registration.sequence(), registration.registered().running);
                let worker = ix.rank();
                let ages = kind == SyncKind::OneShot;
                let card = Card { tag, sequence, lane, worker, private, registered, ages, renewed, standing };
                self.places.file(card, lists)
            }
        };
        #[cfg(feature = "periodic")]
        if kind == SyncKind::Periodic {
            self.file_periodic(tag, lane.origin);
        }
        // One that was ready may have stood before one that is held by less.
        if moved.is_ready || (moved.was_ready && self.places.has_ready(lane)) {
            self.origins.join(lane);
        }
        (moved.is_ready || moved.was_ready).then_some(lane)
    }

    /// Files all registrations of a worker.
    pub(in crate::machine) fn file_all_of(&mut self, ix: WorkerIx) {
        let tags: Vec<_> = self.registry.registrations_of(ix).map(|(tag, ..)| tag).collect();
        for tag in tags {
            self.file(tag);
        }
    }

    /// Files a lane by when it could start something, if there were a network: the device is woken for that.
    pub(in crate::machine) fn file_for_wake(&mut self, lane: Lane) {
        let Some(origin) = self.origins.get(lane.origin) else { return };
        let ready = self.places.has_ready(lane).then(|| self.origin_holds(lane, origin));
        let at = ready.filter(|holds| !holds.full && !holds.is_refused()).map(|holds| {
            let budget = holds.budget.map(|wait| self.time.monotonic().after(wait));
            let drawn = !origin.needs_spread(self.around.link_epoch());
            let spread = drawn.then_some(origin.spread_until());
            budget.max(spread).max(holds.wake_up).unwrap_or(MonotonicTime::ZERO)
        });
        #[cfg(feature = "periodic")]
        let at = at.or_else(|| self.planned_wake_up(lane, origin));
        self.wake.file(lane, origin.is_private(), at);
    }

    /// The same for all lanes of an origin.
    pub(in crate::machine) fn file_origin_for_wake(&mut self, ix: OriginIx) {
        for lane in ix.lanes() {
            self.file_for_wake(lane);
        }
    }

    pub(in crate::machine) fn file_all_for_wake(&mut self) {
        for ix in self.origins.all() {
            self.file_origin_for_wake(ix);
        }
    }

    /// An origin may have a reason less to wait: let it line up again.
    pub(in crate::machine) fn recheck_origin(&mut self, ix: OriginIx) {
        for lane in ix.lanes() {
            if self.places.has_ready(lane) {
                self.origins.join(lane);
            }
        }
    }

    pub(in crate::machine) fn recheck_all_origins(&mut self) {
        for ix in self.origins.all() {
            self.recheck_origin(ix);
        }
    }

    /// Its spread has ended, or its budget has room again.
    pub(in crate::machine) fn origin_may_go_on(&mut self, ix: OriginIx) {
        self.file_origin_for_wake(ix);
        self.recheck_origin(ix);
    }
}
