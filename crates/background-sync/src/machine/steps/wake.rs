//! What to ask of the operating system, and when a wake-up is done.

use std::time::Duration;

use background_sync_registration::MonotonicTime;
use background_sync_scheduler::{Condition, Holding, NetworkState, latest_wake_up, network_patience};

use crate::machine::Machine;
use crate::machine::parts::registry::Record;
use crate::machine::parts::time::{Timer, earlier};
use crate::{Output, WakeToken, WakeUp};

impl Machine {
    /// The earliest moment at which the device should be woken for a sync, if for any.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<WakeUp> {
        let now = self.time.now();
        // Before the hold of the link ends, or the store is tried again, nothing starts.
        let general = self.around.link().held_until(now.monotonic).max(self.journal.retry_at());
        let due = earlier(self.wake.first_ready(), self.places.next_wait_of_profile());
        // What ends an event, or the restriction, is heard of without being woken for it.
        let full = self.attempts.len() >= self.rules.params().max_concurrent_events;
        let due = due.filter(|_| !self.around.is_restricted() && !full);
        let for_conditions = due.filter(|_| self.places.any_conditional()).and_then(|_| self.conditions_to_wake_for());
        let due = due.map(|at| if for_conditions.is_some() { now.monotonic } else { at }).map(|at| {
            let at = self.time.on_wall(at.max(general.unwrap_or(now.monotonic)));
            at.max(self.wake.patience().floor(now.wall))
        });
        let earliest = earlier(due, self.wake.recovery())?;
        let Some((holding, until)) = for_conditions else {
            return Some(WakeUp::new(earliest, latest_wake_up(earliest), true, false));
        };
        let latest = latest_wake_up(earliest.max(self.time.on_wall(until)));
        Some(WakeUp {
            unmetered: holding.has(Condition::Unmetered),
            not_roaming: holding.has(Condition::NotRoaming),
            battery_not_low: holding.has(Condition::BatteryNotLow),
            ..WakeUp::new(earliest, latest, true, holding.has(Condition::Charging))
        })
    }

    /// The conditions that the device is woken for, and the moment at which they are over, if nothing that needs none of
    /// them comes sooner. Only one wake-up can be asked for.
    fn conditions_to_wake_for(&self) -> Option<(Holding, MonotonicTime)> {
        let first = self.places.next_wait_of_profile()?;
        if self.wake.recovery().is_some() || self.wake.first_ready().is_some_and(|at| at <= first) {
            return None;
        }
        let tag = self.places.next_conditional_of_profile(self.registry.lists())?;
        let Record { worker, kind, registration, .. } = self.registry.record(tag)?;
        let holding = self.conditions_holding(worker.origin(), kind, registration?);
        holding.longest().map(|longest| (holding, self.time.monotonic().after(longest)))
    }

    /// Ends a wake-up in which nothing more will start, asks for another one when the one asked for no longer fits,
    /// and then says that the first is done: the system may end us at that word.
    pub(in crate::machine) fn update_wake_up(&mut self) {
        if let Some(current) = self.wake.current()
            && self.attempts.is_empty()
            && !self.may_start_soon(current.until, current.network_by)
        {
            self.finish_wake_up();
        }
        if self.phase.is_running() {
            self.arm_wake_up();
        }
        for token in self.wake.take_ended() {
            self.out.emit(Output::WakeDone { token });
        }
    }

    /// Asks for another wake-up when the one asked for no longer fits.
    pub(in crate::machine) fn arm_wake_up(&mut self) {
        let now = self.time.wall();
        self.wake.update_recovery(self.attempts.any_of_profile(), now);
        let wanted = self.next_wakeup();
        if self.wake.arm(wanted, now) {
            self.out.emit(Output::ArmWakeUp(wanted));
        }
    }

    /// Nothing more will start. The ends of what ran have to be durable before the system may end us, or
    /// the next wake-up runs it all again.
    fn finish_wake_up(&mut self) {
        if self.journal.is_written() || self.journal.retry_at().is_some() {
            self.wake_done();
        } else {
            self.journal.hurry();
            self.flush_if_due();
        }
    }

    /// Whether this wake-up still has something to wait for: a spread that ends within it, a hold, the oracle's
    /// first word, or for a moment the network.
    fn may_start_soon(&self, until: MonotonicTime, network_by: MonotonicTime) -> bool {
        let (now, link) = (self.time.monotonic(), self.around.link());
        let unknown = matches!(link.state(), NetworkState::Unknown);
        let comes = unknown || link.held_until(now).is_some() || link.is_online(now) || now < network_by;
        !self.phase.is_running()
            || (!self.around.is_restricted()
                && comes
                && self.wake.ready_by(until).any(|lane| {
                    let origin = self.origins.get(lane.origin);
                    origin.is_some_and(|origin| self.origin_holds(lane, origin).could_start_by(until))
                }))
    }

    pub(in crate::machine) fn woken(&mut self, token: WakeToken, budget: Duration) {
        self.wake_done();
        let now = self.time.now();
        #[cfg(feature = "periodic")]
        self.note_lateness();
        let until = now.monotonic.after(budget);
        let network_by = now.monotonic.after(network_patience(budget));
        self.wake.begin(token, now.monotonic, budget, network_by, now.wall);
        self.time.set(Timer::WakeNetwork, network_by);
        self.time.set(Timer::WakeBudget, until);
        self.fit_hold_into(budget / 2);
        self.fit_spread_into(budget / 2);
        self.recheck_all_origins();
    }

    /// What is spread over more time than a wake-up has goes by in proportion: it draws nothing anew, and sees
    /// its event.
    fn fit_spread_into(&mut self, most: Duration) {
        let now = self.time.monotonic();
        for ix in self.origins.all() {
            let Some(origin) = self.origins.get_mut(ix) else { continue };
            let left = origin.spread_until().since(now);
            let Some(left) = self.rules.params().spread_within(left, most) else { return };
            origin.set_spread_until(now.after(left));
            self.file_origin_for_wake(ix);
        }
    }

    /// What the wake-up was for is done, or its time is over. The host hears of it at the end of this turn.
    pub(in crate::machine) fn wake_done(&mut self) {
        if self.wake.end(self.time.wall()) {
            self.time.cancel(Timer::WakeBudget);
            self.time.cancel(Timer::WakeNetwork);
        }
    }

    /// The process should stay while events run, and until what they came to is durable.
    fn has_to_stay(&self) -> bool {
        let unwritten = !self.journal.is_written() && self.journal.retry_at().is_none();
        !self.phase.is_stopped() && (!self.attempts.is_empty() || unwritten)
    }

    /// Said before a wake-up is called done: the system may end us at that word.
    pub(in crate::machine) fn keep_alive_if_needed(&mut self) {
        if self.has_to_stay() {
            self.update_keep_alive();
        }
    }

    pub(in crate::machine) fn update_keep_alive(&mut self) {
        let wanted = self.has_to_stay();
        if self.wake.keep_alive(wanted) {
            self.out.emit(Output::KeepAlive(wanted));
        }
    }
}
