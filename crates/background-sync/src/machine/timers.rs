//! All that time can cause, on one screen.

use super::Machine;
use super::state::{Phase, Timer};
use crate::Output;

/// The running time of a profile is written at least this often while there are registrations.
const PROFILE_EVERY: std::time::Duration = std::time::Duration::from_secs(3_600);

impl Machine {
    pub(super) fn run_due_timers(&mut self) {
        let now = self.monotonic();
        self.retry_load_if_due();
        while let Some(timer) = self.timers.pop_due(now) {
            match timer {
                Timer::Attempt(id) => self.attempt_deadline(id),
                Timer::Origin(ix) => self.origin_may_go_on(ix),
                Timer::Grace(ix) => self.grace_over(ix),
                Timer::NetworkHold => self.recheck_all_origins(),
                Timer::LazyCommit => self.journal.urgent = true,
                Timer::StoreRetry => {
                    self.journal.retry_at = None;
                    self.journal.urgent = true;
                    self.recheck_all_origins();
                }
                Timer::Profile => self.write_running_time(),
                Timer::WakeBudget => self.wake_done(),
                // What it means is found out at the end of the turn.
                Timer::WakeNetwork => {}
                Timer::ForgetWorker(ix) => self.forget_worker(ix),
                Timer::ForgetOrigin(ix) => self.forget_origin(ix),
            }
        }
        while let Some((ix, sequence)) = self.waits.pop_due(now) {
            // sync.fire.5.3.2.2, sync.fire.5.3.2.3: pending again, if it is this wait that has ended.
            if let Some(registration) =
                self.workers.get_mut(&ix).and_then(|worker| worker.list.get_by_sequence_mut(sequence))
            {
                registration.wait_over(now);
                let tag = registration.tag().clone();
                self.activity_over(ix, &tag);
            }
            // sync.fire.5.3.2.4: it fires if online, when its turn comes.
            self.place(ix, sequence);
        }
        // Those that expire in one turn go oldest first.
        let mut old: Vec<_> = std::iter::from_fn(|| self.expiries.pop_due(now)).collect();
        old.sort_by_key(|(ix, sequence)| {
            let registration = self.workers.get(ix).and_then(|worker| worker.list.get_by_sequence(*sequence));
            (registration.map(|registration| registration.registered().running), *ix, *sequence)
        });
        for (ix, sequence) in old {
            self.expire(ix, sequence);
        }
    }

    /// Ends what is over with a tag: a reply that nobody spoke of counts as delivered, a network refused for a
    /// registration that is gone concerns nobody.
    pub(super) fn activity_over(&mut self, ix: super::state::WorkerIx, tag: &background_sync_registration::Tag) {
        let now = self.monotonic();
        let Some(worker) = self.workers.get_mut(&ix) else { return };
        let Some(activity) = worker.activities.get_mut(tag) else { return };
        if let Some(delivery) = activity.delivery.take_if(|delivery| delivery.until <= now) {
            self.undelivered.remove(&delivery.request);
        }
        if worker.list.get(tag).is_none() {
            activity.declined = None;
        }
        if activity.is_over() {
            worker.activities.remove(tag);
        }
    }

    fn write_running_time(&mut self) {
        self.profile_timer = false;
        if self.origins.values().any(|origin| origin.registrations > 0 && !origin.partition.is_private()) {
            self.journal.profile = true;
            self.journal.urgent = true;
            self.keep_running_time();
        }
    }

    /// There are registrations, so their age has to be known after a crash.
    pub(super) fn keep_running_time(&mut self) {
        if self.profile_timer {
            return;
        }
        self.profile_timer = true;
        let at = self.monotonic().after(PROFILE_EVERY);
        self.timers.set(Timer::Profile, at);
    }

    fn retry_load_if_due(&mut self) {
        let now = self.monotonic();
        let Phase::Loading { retry_at, .. } = &mut self.phase else { return };
        if retry_at.take_if(|at| *at <= now).is_some() {
            self.emit(Output::Load);
        }
    }
}
