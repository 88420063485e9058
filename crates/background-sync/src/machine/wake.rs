//! Waking the device: what to ask of the operating system, and when a wake-up is done.

use std::time::Duration;

use background_sync_registration::{MonotonicTime, Sequence, WallTime};
use background_sync_scheduler::DueQueue;

use super::Machine;
use super::state::{OriginIx, OriginNetwork, OriginState, Timer, WorkerIx};
use crate::{Output, WakeToken, WakeUp};

/// A wake-up may come this much later than asked for, so that the system can put several together.
const SLACK: Duration = Duration::from_secs(15 * 60);
/// While an event runs, the process may be killed: be back after this long at most, and half of it at least.
/// Chromium's `min_sync_recovery_time`.
const MIN_SYNC_RECOVERY_TIME: Duration = Duration::from_secs(6 * 60);

/// A wake-up without an event is followed by the next no sooner than this; doubles.
const FIRST_PATIENCE: Duration = Duration::from_secs(15 * 60);
/// Longest such wait.
const LAST_PATIENCE: Duration = Duration::from_secs(4 * 3_600);
/// For this long, or half of its time, a wake-up waits for the network that the system woke us for.
const NETWORK_PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(super) struct Wake {
    /// Origins of the profile with registrations that a network would let start, by when they could.
    ready: DueQueue<OriginIx>,
    /// Ends of waits of the profile's registrations. Private ones wake nothing.
    waits: DueQueue<(WorkerIx, Sequence)>,
    armed: Option<WakeUp>,
    current: Option<Current>,
    /// Those that ended in this turn.
    ended: Vec<WakeToken>,
    /// Wake-ups in a row without an event, and until when the next one waits for that.
    in_vain: u32,
    not_before: Option<WallTime>,
    /// When to be back if the process is killed while an event of the profile starts or runs.
    recovery: Option<WallTime>,
    kept_alive: bool,
}

/// The wake-up that is going on.
#[derive(Clone, Copy, Debug)]
struct Current {
    token: WakeToken,
    until: MonotonicTime,
    /// Until when the network may be on its way: the system may wake us before it is up.
    network_by: MonotonicTime,
    /// An event was dispatched.
    fruitful: bool,
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
        self.ready.cancel(ix);
    }

    /// What is left of the wake-up that is going on.
    pub(super) fn time_left(&self, now: MonotonicTime) -> Option<Duration> {
        self.current.map(|current| current.until.since(now))
    }

    /// I16: there is a new reason to hope; the next wake-up need not wait for the ones that were in vain.
    pub(super) fn something_changed(&mut self) {
        self.in_vain = 0;
        self.not_before = None;
    }

    /// The link came up. Within a wake-up that alone is no reason to hope: where it does not last long enough for an
    /// event it comes up in every one of them.
    pub(super) fn came_online(&mut self) {
        if self.current.is_none() {
            self.something_changed();
        }
    }

    /// An event is dispatched.
    pub(super) fn something_happened(&mut self) {
        self.something_changed();
        if let Some(current) = &mut self.current {
            current.fruitful = true;
        }
    }

    fn begin(&mut self, token: WakeToken, until: MonotonicTime, network_by: MonotonicTime, wall: WallTime) {
        self.current = Some(Current { token, until, network_by, fruitful: false });
        // It was used up by coming.
        self.armed = None;
        // Should the process be killed in the middle of it, it was in vain.
        self.not_before = Some(wall.after(patience(self.in_vain.saturating_add(1))));
    }

    fn end(&mut self, wall: WallTime) -> bool {
        let Some(Current { token, fruitful, until: _, network_by: _ }) = self.current.take() else { return false };
        if !fruitful {
            self.in_vain = self.in_vain.saturating_add(1);
            self.not_before = Some(wall.after(patience(self.in_vain)));
        }
        self.ended.push(token);
        true
    }

    /// Until when the next wake-up has to wait, whatever the wall clock does.
    fn floor(&self, now: WallTime) -> WallTime {
        self.not_before.map_or(now, |at| at.min(now.after(LAST_PATIENCE)))
    }
}

fn patience(in_vain: u32) -> Duration {
    FIRST_PATIENCE.saturating_mul(2_u32.saturating_pow(in_vain.saturating_sub(1).min(10))).min(LAST_PATIENCE)
}

impl Machine {
    /// The earliest moment at which the device should be woken for a sync, if for any.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<WakeUp> {
        let now = self.now();
        let on_wall = |at: MonotonicTime| now.wall.after(at.since(now.monotonic));
        // Before the hold of the link ends, or the store is tried again, nothing starts.
        let general = self.connectivity.held_until(now.monotonic).max(self.journal.retry_at);
        let due = [self.wake.ready.next_deadline(), self.wake.waits.next_deadline()].into_iter().flatten().min();
        // What ends an event, or the restriction, is heard of without being woken for it.
        let due = due.filter(|_| !self.is_restricted() && self.attempts.len() < self.params.max_concurrent_events);
        let due = due.map(|at| on_wall(at.max(general.unwrap_or(now.monotonic))).max(self.wake.floor(now.wall)));
        let earliest = [due, self.wake.recovery].into_iter().flatten().min()?;
        Some(WakeUp { earliest, latest: earliest.after(SLACK), network: true, charging: false })
    }

    /// Ends a wake-up in which nothing more will start, asks for another one when the one asked for no longer fits,
    /// and then says that the first is done: the system may end us at that word.
    pub(super) fn update_wake_up(&mut self) {
        if let Some(Current { until, network_by, .. }) = self.wake.current
            && self.attempts.is_empty()
            && !self.may_start_soon(until, network_by)
        {
            self.finish_wake_up();
        }
        if self.phase.is_running() {
            self.arm_wake_up();
        }
        for token in std::mem::take(&mut self.wake.ended) {
            self.emit(Output::WakeDone { token });
        }
    }

    /// Asks for another wake-up when the one asked for no longer fits.
    pub(super) fn arm_wake_up(&mut self) {
        self.update_recovery();
        let wanted = self.next_wakeup();
        let now = self.wall();
        let fits = match (self.wake.armed, wanted) {
            (None, None) => true,
            (Some(armed), Some(wanted)) => close(armed.earliest.max(now), wanted.earliest.max(now)),
            (None, Some(_)) | (Some(_), None) => false,
        };
        if !fits {
            self.wake.armed = wanted;
            self.emit(Output::ArmWakeUp(wanted));
        }
    }

    /// While something runs the moment to be back at is moved on now and then, not with every input.
    fn update_recovery(&mut self) {
        let now = self.wall();
        let running = self.attempts.values().any(|attempt| !attempt.key.partition().is_private());
        let (soonest, latest) = (now.after(MIN_SYNC_RECOVERY_TIME / 2), now.after(MIN_SYNC_RECOVERY_TIME));
        let before = self.wake.recovery.filter(|at| *at >= soonest && *at <= latest);
        self.wake.recovery = running.then(|| before.unwrap_or(latest));
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

    /// Files an origin by when it could be woken for.
    pub(super) fn place_for_wake(&mut self, ix: OriginIx) {
        let now = self.monotonic();
        let Some(origin) = self.origins.get(&ix) else { return };
        let busy = origin.attempts >= self.params.max_concurrent_events_per_origin;
        let startable = !origin.partition.is_private() && !origin.ready.is_empty() && !busy;
        if !startable || self.is_parked(origin) {
            return self.wake.forget(ix);
        }
        let budget = self.budget_wait(origin).map(|wait| now.after(wait));
        let spread = (origin.spread_epoch == self.link_epoch).then_some(origin.spread_until);
        self.wake.ready.set(ix, budget.max(spread).unwrap_or(MonotonicTime::ZERO));
    }

    /// The oracle said no for this origin of its own.
    fn is_parked(&self, origin: &OriginState) -> bool {
        origin.network == (OriginNetwork::Answered { online: false, general_epoch: self.connectivity.epoch() })
    }

    /// Whether this wake-up still has something to wait for: a spread that ends within it, a hold, the oracle's
    /// first word, or for a moment the network.
    fn may_start_soon(&self, until: MonotonicTime, network_by: MonotonicTime) -> bool {
        let now = self.monotonic();
        let comes = now < network_by;
        let unknown = matches!(self.connectivity.state(), background_sync_scheduler::NetworkState::Unknown);
        let held = self.connectivity.held_until(now).is_some();
        let online = self.connectivity.is_online(now);
        let could = |origin: &OriginState| {
            !origin.ready.is_empty()
                && self.budget_wait(origin).is_none()
                && origin.spread_until <= until
                && !self.is_parked(origin)
        };
        !self.phase.is_running()
            || (!self.is_restricted() && (unknown || held || online || comes) && self.origins.values().any(could))
    }

    pub(super) fn woken(&mut self, token: WakeToken, budget: Duration) {
        self.wake_done();
        let now = self.now();
        let until = now.monotonic.after(budget);
        let network_by = now.monotonic.after(NETWORK_PATIENCE.min(budget / 2));
        self.wake.begin(token, until, network_by, now.wall);
        self.timers.set(Timer::WakeNetwork, network_by);
        self.timers.set(Timer::WakeBudget, until);
        self.fit_hold_into(budget / 2);
        self.fit_spread_into(budget / 2);
        self.recheck_all_origins();
    }

    /// A link that is held for longer than a wake-up has would never see an event.
    pub(super) fn fit_hold_into(&mut self, most: Duration) {
        let now = self.monotonic();
        self.connectivity.hold_at_most(now, most);
        if let Some(until) = self.connectivity.held_until(now) {
            self.timers.set(Timer::NetworkHold, until);
        }
    }

    /// What is spread over more time than a wake-up has goes by in proportion: it draws nothing anew, and sees
    /// its event.
    fn fit_spread_into(&mut self, most: Duration) {
        let now = self.monotonic();
        let longest = self.params.first_fire_spread_in_background.max(self.params.first_fire_spread);
        if longest <= most {
            return;
        }
        // In whole milliseconds, as everything that is drawn.
        let fit = |left: Duration| {
            let ms = left.as_millis().saturating_mul(most.as_millis()) / longest.as_millis().max(1);
            Duration::from_millis(u64::try_from(ms).unwrap_or(u64::MAX))
        };
        for ix in self.origins.keys().copied().collect::<Vec<_>>() {
            if let Some(origin) = self.origins.get_mut(&ix) {
                origin.spread_until = now.after(fit(origin.spread_until.since(now)));
            }
            self.place_for_wake(ix);
        }
    }

    /// What the wake-up was for is done, or its time is over. The host hears of it at the end of this turn.
    pub(super) fn wake_done(&mut self) {
        let wall = self.wall();
        if self.wake.end(wall) {
            self.timers.cancel(Timer::WakeBudget);
            self.timers.cancel(Timer::WakeNetwork);
        }
    }

    /// The process should stay while events run, and until what they came to is durable.
    fn has_to_stay(&self) -> bool {
        let unwritten = !self.is_written() && self.journal.retry_at.is_none();
        !self.phase.is_stopped() && (!self.attempts.is_empty() || unwritten)
    }

    /// Said before a wake-up is called done: the system may end us at that word.
    pub(super) fn keep_alive_if_needed(&mut self) {
        if self.has_to_stay() {
            self.update_keep_alive();
        }
    }

    pub(super) fn update_keep_alive(&mut self) {
        let wanted = self.has_to_stay();
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
