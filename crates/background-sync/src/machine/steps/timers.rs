//! All that time can cause, on one screen.

use std::time::Duration;

use background_sync_registration::{MonotonicTime, Now, TagId};

use crate::Output;
use crate::machine::Machine;
use crate::machine::parts::Phase;
use crate::machine::parts::time::Timer;

impl Machine {
    pub(in crate::machine) fn advance_clock(&mut self, reading: Now) {
        if self.time.advance(reading) {
            self.realign_waits();
        }
    }

    pub(in crate::machine) fn run_due_timers(&mut self) {
        let now = self.time.monotonic();
        if let Phase::Loading(loading) = &mut self.phase
            && loading.is_due(now)
        {
            self.out.emit(Output::Load);
        }
        while let Some(timer) = self.time.pop_due() {
            match timer {
                Timer::Attempt(id) => self.attempt_deadline(id),
                Timer::Lane(lane) => self.origin_may_go_on(lane.origin),
                #[cfg(feature = "periodic")]
                Timer::Plan(ix) => self.origins.plan_later(ix),
                Timer::Grace(ix) => self.grace_over(ix),
                Timer::NetworkHold => self.recheck_all_origins(),
                Timer::LazyCommit => self.journal.hurry(),
                Timer::StoreRetry => {
                    self.journal.retry();
                    self.recheck_all_origins();
                }
                Timer::WakeBudget => self.wake_done(),
                // What it means is found out at the end of the turn.
                Timer::WakeNetwork => {}
                Timer::ForgetWorker(ix) => self.forget_worker(ix),
                Timer::ForgetOrigin(ix) => self.forget_origin(ix),
            }
        }
        while let Some(tag) = self.places.pop_due(now, self.registry.lists()) {
            self.wait_over(tag, now);
        }
        for tag in self.take_expired() {
            self.expire(tag);
        }
    }

    /// sync.fire.5.3.2.2, sync.fire.5.3.2.3: pending again, if it is this wait that has ended. sync.fire.5.3.2.4: it
    /// fires if online, when its turn comes.
    fn wait_over(&mut self, tag: TagId, now: MonotonicTime) {
        if let Some(registration) = self.registry.registration_mut(tag) {
            registration.wait_over(now);
        }
        self.registry.activity_over(tag, now);
        self.file(tag);
    }

    /// Those that are too old by now, in the order in which they became so.
    fn take_expired(&mut self) -> Vec<TagId> {
        let (params, running) = (self.rules.params(), self.time.observed().running);
        let is_too_old = |registered: Duration| params.expires_at(registered) <= running;
        let old = self.places.take_old(is_too_old, self.registry.lists());
        if old.is_empty() {
            return old;
        }
        let mut old: Vec<_> = old
            .into_iter()
            .filter_map(|tag| {
                let registration = self.registry.registration(tag)?;
                Some((registration.registered().running, self.registry.worker_of(tag)?, registration.sequence(), tag))
            })
            .collect();
        old.sort_by_key(|(registered, worker, sequence, _)| (*registered, *worker, *sequence));
        old.into_iter().map(|(.., tag)| tag).collect()
    }

    /// When the first registration becomes too old.
    pub(in crate::machine) fn next_expiry(&self) -> Option<MonotonicTime> {
        let registered = self.places.oldest(self.registry.lists())?;
        let left = self.rules.params().expires_at(registered).saturating_sub(self.time.observed().running);
        Some(self.time.monotonic().after(left))
    }

    /// Takes all waits from the wall clock again. The one thing that looks at every registration.
    pub(in crate::machine) fn realign_waits(&mut self) {
        let now = self.time.now();
        let workers: Vec<_> = self.registry.workers().map(|(ix, _)| ix).collect();
        let tags = workers.iter().flat_map(|ix| self.registry.registrations_of(*ix)).map(|(tag, ..)| tag);
        for tag in tags.collect::<Vec<_>>() {
            if let Some(registration) = self.registry.registration_mut(tag) {
                registration.realign(now);
                #[cfg(feature = "periodic")]
                registration.anchor_no_later_than(now);
            }
            if !self.phase.is_loading() {
                self.file(tag);
            }
        }
        #[cfg(feature = "periodic")]
        self.realign_periodic();
        for ix in self.origins.all() {
            // Budgets go by the wall clock.
            self.origin_may_go_on(ix);
        }
    }

    /// Nothing may come after this: the running time is written, once a day, if a crash would lose much of it that
    /// anybody's age counts on.
    pub(in crate::machine) fn keep_running_time(&mut self) {
        if self.origins.iter().any(|(_, origin)| origin.registrations() > 0 && !origin.is_private()) {
            self.journal.keep_running_time(self.time.observed().running);
        }
    }

    /// What nobody waits for is written with the next commit, or after a few seconds.
    pub(in crate::machine) fn write_lazily(&mut self) {
        const LAZY: Duration = Duration::from_secs(5);
        if self.journal.can_wait() {
            self.time.set_in(Timer::LazyCommit, LAZY);
        }
    }
}
