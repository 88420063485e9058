//! Workers, origins and partitions that nothing is left of.

use background_sync_policy::Partition;

use crate::machine::Machine;
use crate::machine::parts::origins::OriginIx;
use crate::machine::parts::registry::WorkerIx;
use crate::machine::parts::time::Timer;

impl Machine {
    /// A worker without syncs is remembered a while longer: what it does next may be a hop.
    pub(in crate::machine) fn forget_worker_later(&mut self, ix: WorkerIx) {
        if self.is_idle(ix) {
            self.time.set_in(Timer::ForgetWorker(ix), self.rules.params().loop_window.saturating_mul(2));
        }
    }

    fn is_idle(&self, ix: WorkerIx) -> bool {
        self.registry.is_idle(ix) && self.replies.none_waits(ix)
    }

    pub(in crate::machine) fn forget_worker(&mut self, ix: WorkerIx) {
        if !self.is_idle(ix) {
            return;
        }
        let Some(origin_ix) = self.registry.remove(ix) else { return };
        self.time.cancel(Timer::ForgetWorker(ix));
        if let Some(origin) = self.origins.get_mut(origin_ix) {
            origin.count_worker(-1);
            self.forget_origin(origin_ix);
        }
    }

    /// An origin is forgotten when it has no workers and used nothing of its budget in the last day.
    pub(in crate::machine) fn forget_origin(&mut self, ix: OriginIx) {
        let now = self.time.now();
        let Some(origin) = self.origins.get_mut(ix) else { return };
        if origin.workers() > 0 || self.attempts.of_origin(ix) > 0 {
            return;
        }
        let wait = origin.remembers_for(now, self.rules.params());
        if let (false, Some(wait)) = (origin.is_closed(), wait) {
            return self.time.set_in(Timer::ForgetOrigin(ix), wait);
        }
        let Some(origin) = self.origins.remove(ix) else { return };
        let of_lanes = ix.lanes().map(Timer::Lane);
        for timer in of_lanes.into_iter().chain([Timer::Grace(ix), Timer::ForgetOrigin(ix)]) {
            self.time.cancel(timer);
        }
        for lane in ix.lanes() {
            self.wake.file(lane, origin.is_private(), None);
        }
        let stored = origin.is_budget_stored().then(|| (origin.partition(), origin.name().clone()));
        let write = stored.is_some();
        self.journal.forget_budget(ix, stored);
        if write {
            self.write_lazily();
        }
    }

    /// I12: a partition was closed. What still runs in it is waited for; all else is forgotten.
    pub(in crate::machine) fn forget_partition(&mut self, partition: Partition) {
        let origins = self.origins.iter().filter(|(_, origin)| origin.partition() == partition);
        let origins: Vec<_> = origins.map(|(ix, _)| ix).collect();
        for ix in &origins {
            if let Some(origin) = self.origins.get_mut(*ix) {
                origin.close();
            }
        }
        for ix in self.registry.workers_where(|worker| worker.is_closed()) {
            self.forget_worker(ix);
        }
        // Those that no worker leads to: they were kept for the budget they used.
        for ix in origins {
            self.forget_origin(ix);
        }
        self.out.forget(partition);
    }
}
