//! Waking the device: what to ask of the operating system, and when a wake-up is done.

use std::collections::BTreeSet;
use std::time::Duration;

use background_sync_registration::{MonotonicTime, Sequence, WallTime};
use background_sync_scheduler::DueQueue;

use super::Machine;
use super::state::{OriginIx, OriginNetwork, Timer, WorkerIx};
use crate::{Output, WakeToken, WakeUp};

/// A wake-up may come this much later than asked for, so that the system can put several together.
const SLACK: Duration = Duration::from_secs(15 * 60);
/// While an event runs, the process may be killed: be back after this long. Chromium's
/// `min_sync_recovery_time`.
const MIN_SYNC_RECOVERY_TIME: Duration = Duration::from_secs(6 * 60);

#[derive(Debug, Default)]
pub(super) struct Wake {
    /// Origins of the profile with registrations that a network would let start.
    ready: BTreeSet<OriginIx>,
    /// Origins of the profile that could start something and have to wait for their budget.
    budgets: DueQueue<OriginIx>,
    /// Ends of waits of the profile's registrations. Private ones wake nothing.
    waits: DueQueue<(WorkerIx, Sequence)>,
    armed: Option<WakeUp>,
    current: Option<(WakeToken, MonotonicTime)>,
    kept_alive: bool,
}

impl Wake {
    /// A registration of the profile was filed anew.
    pub(super) fn note_wait(&mut self, id: (WorkerIx, Sequence), until: Option<MonotonicTime>) {
        match until {
            Some(at) => self.waits.set(id, at),
            None => {
                self.waits.cancel(id);
            }
        }
    }

    /// An origin is gone.
    pub(super) fn forget(&mut self, ix: OriginIx) {
        self.ready.remove(&ix);
        self.budgets.cancel(ix);
    }

    /// What is left of the wake-up that is going on.
    pub(super) fn time_left(&self, now: MonotonicTime) -> Option<Duration> {
        self.current.map(|(_, until)| until.since(now))
    }
}

impl Machine {
    /// The earliest moment at which the device should be woken for a sync, if for any.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<WakeUp> {
        let now = self.now();
        let ready = (!self.wake.ready.is_empty()).then_some(now.wall);
        let running = self.attempts.values().any(|attempt| !attempt.key.partition().is_private());
        let recovery = running.then(|| now.wall.after(MIN_SYNC_RECOVERY_TIME));
        let later = [self.wake.waits.next_deadline(), self.wake.budgets.next_deadline()].into_iter().flatten().min();
        let later = later.map(|at| now.wall.after(at.since(now.monotonic)));
        let earliest = [ready, recovery, later].into_iter().flatten().min()?;
        Some(WakeUp { earliest, latest: earliest.after(SLACK), network: true, charging: false })
    }

    /// Asks for another wake-up when the one asked for no longer fits.
    pub(super) fn update_wake_up(&mut self) {
        let wanted = self.next_wakeup();
        let now = self.wall();
        let fits = match (self.wake.armed, wanted) {
            (None, None) => true,
            (Some(armed), Some(wanted)) => close(armed.earliest.max(now), wanted.earliest.max(now)),
            (None, Some(_)) | (Some(_), None) => false,
        };
        if !fits && self.phase.is_running() {
            self.wake.armed = wanted;
            self.emit(Output::ArmWakeUp(wanted));
        }
        if self.wake.current.is_some() && self.attempts.is_empty() && !self.may_start_soon() {
            self.finish_wake_up();
        }
    }

    /// Nothing more will start. The ends of what ran have to be durable before the system may end us, or
    /// the next wake-up runs it all again.
    fn finish_wake_up(&mut self) {
        if self.is_written() || self.journal.retry_at.is_some() {
            self.wake_done();
        } else {
            self.journal.urgent = true;
            self.flush_if_due();
        }
    }

    fn is_written(&self) -> bool {
        self.journal.in_flight.is_none() && self.journal.is_clean()
    }

    /// Files an origin by what it could be woken for.
    pub(super) fn place_for_wake(&mut self, ix: OriginIx) {
        let epoch = self.connectivity.epoch();
        let Some(origin) = self.origins.get(&ix) else { return };
        let startable = !origin.partition.is_private() && !origin.ready.is_empty();
        let parked = origin.network == (OriginNetwork::Answered { online: false, general_epoch: epoch });
        let budget = origin.budget_blocked.filter(|_| origin.windows.in_background());
        self.wake.forget(ix);
        match (startable && !parked, budget) {
            (false, _) => {}
            (true, None) => drop(self.wake.ready.insert(ix)),
            (true, Some(at)) => self.wake.budgets.set(ix, at),
        }
    }

    /// Whether this wake-up still has something to wait for: a spread that ends within it, a hold, or
    /// the oracle's first word.
    fn may_start_soon(&self) -> bool {
        let now = self.monotonic();
        let unknown = matches!(self.connectivity.state(), background_sync_scheduler::NetworkState::Unknown);
        let held = self.connectivity.held_until(now).is_some();
        let online = self.connectivity.is_online(now);
        let ready = self.origins.values().any(|origin| !origin.ready.is_empty() && origin.budget_blocked.is_none());
        !self.phase.is_running() || (ready && (unknown || held || online))
    }

    pub(super) fn woken(&mut self, token: WakeToken, budget: Duration) {
        self.wake_done();
        let until = self.monotonic().after(budget);
        self.wake.current = Some((token, until));
        // It was used up by coming.
        self.wake.armed = None;
        self.timers.set(Timer::WakeBudget, until);
        self.link_epoch += 1;
        self.recheck_all_origins();
    }

    pub(super) fn wake_done(&mut self) {
        if let Some((token, _)) = self.wake.current.take() {
            self.timers.cancel(Timer::WakeBudget);
            self.emit(Output::WakeDone { token });
        }
    }

    /// The process should stay while events run, and until what they came to is durable.
    pub(super) fn update_keep_alive(&mut self) {
        let unwritten = !self.is_written() && self.journal.retry_at.is_none();
        let wanted = !self.phase.is_stopped() && (!self.attempts.is_empty() || unwritten);
        if wanted != self.wake.kept_alive {
            self.wake.kept_alive = wanted;
            self.emit(Output::KeepAlive(wanted));
        }
    }
}

/// Not worth asking the system again.
fn close(a: WallTime, b: WallTime) -> bool {
    a.since(b).max(b.since(a)) <= Duration::from_secs(1)
}
