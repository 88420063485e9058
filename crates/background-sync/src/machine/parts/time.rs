//! Now, and all moments that something other than a registration waits for.

#[cfg(test)]
mod tests;

use std::time::Duration;

use background_sync_registration::{MonotonicTime, Now, Observed, WallTime};
use background_sync_scheduler::DueQueue;

use super::clock::Clock;
use super::origins::{Lane, OriginIx};
use super::registry::WorkerIx;
use crate::AttemptId;

/// A moment something other than a registration waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::machine) enum Timer {
    /// A starting attempt gives up, a running one reaches its cap, a terminated one is given up on.
    Attempt(AttemptId),
    /// The spread of an origin ends, its budget has room again, or the oracle is to be asked about it once more.
    Lane(Lane),
    /// Periodic syncs of an origin are due, or were for too long.
    #[cfg(feature = "periodic")]
    Plan(OriginIx),
    /// An origin has had no window for as long as that goes unnoticed.
    Grace(OriginIx),
    /// The hold of a link that flapped ends.
    NetworkHold,
    /// What can wait has waited long enough to be written.
    LazyCommit,
    /// The store is tried again.
    StoreRetry,
    /// A wake-up's time is over.
    WakeBudget,
    /// A wake-up waits no longer for its network.
    WakeNetwork,
    /// A worker without syncs may be forgotten.
    ForgetWorker(WorkerIx),
    /// An origin without workers may be forgotten.
    ForgetOrigin(OriginIx),
}

/// The clocks, the timers, and whether anything runs at all.
#[derive(Debug, Default)]
pub(in crate::machine) struct Time {
    clock: Clock,
    timers: DueQueue<Timer>,
    /// Between `Slept` and `Woke`: nothing starts.
    asleep: bool,
    /// Between `Frozen` and `Thawed`: nothing starts, and caps stand still.
    frozen_at: Option<MonotonicTime>,
}

impl Time {
    /// Takes a reading. `true` when the clocks have come apart since they last agreed.
    pub(in crate::machine) fn advance(&mut self, reading: Now) -> bool {
        self.clock.advance(reading)
    }

    pub(in crate::machine) fn now(&self) -> Now {
        self.clock.now()
    }

    pub(in crate::machine) fn monotonic(&self) -> MonotonicTime {
        self.clock.now().monotonic
    }

    pub(in crate::machine) fn wall(&self) -> WallTime {
        self.clock.now().wall
    }

    pub(in crate::machine) fn observed(&self) -> Observed {
        Observed { wall: self.wall(), running: self.clock.running() }
    }

    /// How old something is that was registered then: see [`Clock::age_of`].
    pub(in crate::machine) fn age_of(&self, registered: Observed) -> Duration {
        self.clock.age_of(registered)
    }

    /// Now, as caps count it: while the process is frozen they stand still.
    pub(in crate::machine) fn cap_time(&self) -> MonotonicTime {
        self.frozen_at.unwrap_or(self.monotonic())
    }

    /// A moment to come, on the wall clock.
    pub(in crate::machine) fn on_wall(&self, at: MonotonicTime) -> WallTime {
        self.wall().after(at.since(self.monotonic()))
    }

    /// A deadline as the host is told it; `None` for one that its clock never reaches.
    pub(in crate::machine) fn as_read(&self, at: MonotonicTime) -> Option<MonotonicTime> {
        self.clock.as_read(at)
    }

    pub(in crate::machine) fn distrusted(&self) -> u64 {
        self.clock.distrusted()
    }

    /// The running time of earlier sessions.
    pub(in crate::machine) fn resume_running(&mut self, before: Duration) {
        self.clock.resume_running(before);
    }

    pub(in crate::machine) fn set(&mut self, timer: Timer, at: MonotonicTime) {
        self.timers.set(timer, at);
    }

    pub(in crate::machine) fn set_in(&mut self, timer: Timer, wait: Duration) {
        self.timers.set(timer, self.monotonic().after(wait));
    }

    pub(in crate::machine) fn cancel(&mut self, timer: Timer) {
        self.timers.cancel(timer);
    }

    pub(in crate::machine) fn pop_due(&mut self) -> Option<Timer> {
        self.timers.pop_due(self.monotonic())
    }

    /// Everything that is due by then, in no order.
    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn due_by(&self, then: MonotonicTime) -> impl Iterator<Item = Timer> {
        self.timers.due_by(then)
    }

    pub(in crate::machine) fn next_deadline(&self) -> Option<MonotonicTime> {
        self.timers.next_deadline()
    }

    pub(in crate::machine) fn is_suspended(&self) -> bool {
        self.asleep || self.frozen_at.is_some()
    }

    pub(in crate::machine) fn is_frozen(&self) -> bool {
        self.frozen_at.is_some()
    }

    pub(in crate::machine) fn sleep(&mut self) {
        self.asleep = true;
    }

    /// Gives whether the sleep shows on the clocks.
    pub(in crate::machine) fn wake(&mut self) -> bool {
        self.asleep = false;
        self.clock.have_come_apart_a_little()
    }

    pub(in crate::machine) fn freeze(&mut self) {
        let now = self.monotonic();
        self.frozen_at.get_or_insert(now);
    }

    /// For how long the process stood still, if it was frozen, and whether that shows on the clocks.
    pub(in crate::machine) fn thaw(&mut self) -> (Option<Duration>, bool) {
        let frozen_at = self.frozen_at.take();
        (frozen_at.map(|at| self.monotonic().since(at)), self.clock.have_come_apart_a_little())
    }

    pub(in crate::machine) fn heap_bytes(&self) -> usize {
        self.timers.heap_bytes()
    }
}

/// The earlier of two moments, as far as there are any.
pub(in crate::machine) fn earlier<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}
