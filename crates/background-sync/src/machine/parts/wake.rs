//! Waking the device: what was asked of the operating system, and the wake-up that is going on.

#[cfg(test)]
mod tests;

use std::time::Duration;

use background_sync_registration::{MonotonicTime, WallTime, memory};
use background_sync_scheduler::{DueQueue, WakeBudget, WakePatience};

use super::origins::Lane;
use crate::{WakeToken, WakeUp};

/// While an event runs, the process may be killed: be back after this long at most, and half of it at least.
/// Chromium's `min_sync_recovery_time`.
const MIN_SYNC_RECOVERY_TIME: Duration = Duration::from_secs(6 * 60);

/// The wake-up that made the system wake is told within this time after that.
#[cfg(feature = "periodic")]
const FOLLOWS_WITHIN: Duration = Duration::from_secs(60);

/// What the device is woken for, and what was asked for.
#[derive(Debug, Default)]
pub(in crate::machine) struct Wake {
    /// Lanes of the profile with registrations that a network would let start, by when they could.
    ready: DueQueue<Lane>,
    /// The same of private ones, which the device is not woken for.
    private_ready: DueQueue<Lane>,
    armed: Option<WakeUp>,
    /// The moment that was asked for and had come when the system woke, and when it did.
    #[cfg(feature = "periodic")]
    overdue: Option<(WallTime, WallTime)>,
    current: Option<Current>,
    /// What wake-ups leave for events.
    budget: WakeBudget,
    /// Those that ended in this turn.
    ended: Vec<WakeToken>,
    patience: WakePatience,
    /// When to be back if the process is killed while an event of the profile starts or runs.
    recovery: Option<WallTime>,
    kept_alive: bool,
}

/// The wake-up that is going on.
#[derive(Clone, Copy, Debug)]
pub(in crate::machine) struct Current {
    token: WakeToken,
    /// It lasts until then.
    pub(in crate::machine) until: MonotonicTime,
    /// Until when the network may be on its way: the system may wake us before it is up.
    pub(in crate::machine) network_by: MonotonicTime,
    /// An event was dispatched.
    fruitful: bool,
}

impl Wake {
    /// With a network a lane could start something at this moment; `None` for never.
    pub(in crate::machine) fn file(&mut self, lane: Lane, private: bool, at: Option<MonotonicTime>) {
        let queue = if private { &mut self.private_ready } else { &mut self.ready };
        match at {
            Some(at) => queue.set(lane, at),
            None => {
                queue.cancel(lane);
            }
        }
    }

    /// Whether a lane could start something at some time.
    pub(in crate::machine) fn knows(&self, lane: Lane, private: bool) -> bool {
        if private { self.private_ready.contains(lane) } else { self.ready.contains(lane) }
    }

    /// Lanes that could start something by then.
    pub(in crate::machine) fn ready_by(&self, then: MonotonicTime) -> impl Iterator<Item = Lane> + '_ {
        self.ready.due_by(then).chain(self.private_ready.due_by(then))
    }

    /// The first moment at which a lane could be woken for.
    pub(in crate::machine) fn first_ready(&self) -> Option<MonotonicTime> {
        self.ready.next_deadline()
    }

    pub(in crate::machine) fn patience(&self) -> &WakePatience {
        &self.patience
    }

    pub(in crate::machine) fn recovery(&self) -> Option<WallTime> {
        self.recovery
    }

    pub(in crate::machine) fn current(&self) -> Option<Current> {
        self.current
    }

    pub(in crate::machine) fn budget(&self) -> &WakeBudget {
        &self.budget
    }

    /// What is left of the wake-up that is going on.
    pub(in crate::machine) fn time_left(&self, now: MonotonicTime) -> Option<Duration> {
        self.current.map(|current| current.until.since(now))
    }

    /// I16: there is a new reason to hope; the next wake-up need not wait for the ones that were in vain.
    pub(in crate::machine) fn something_changed(&mut self) {
        self.patience.something_changed();
    }

    /// The link came up. Within a wake-up that alone is no reason to hope: where it does not last long enough for an
    /// event it comes up in every one of them.
    pub(in crate::machine) fn came_online(&mut self) {
        if self.current.is_none() {
            self.something_changed();
        }
    }

    /// An event is dispatched.
    pub(in crate::machine) fn something_happened(&mut self) {
        self.something_changed();
        if let Some(current) = &mut self.current {
            current.fruitful = true;
        }
    }

    /// The system has woken us, and lets us run for so long. The network may be on its way until `network_by`.
    pub(in crate::machine) fn begin(
        &mut self,
        token: WakeToken,
        now: MonotonicTime,
        budget: Duration,
        network_by: MonotonicTime,
        wall: WallTime,
    ) {
        self.budget.woken(now, budget);
        self.current = Some(Current { token, until: now.after(budget), network_by, fruitful: false });
        // It was used up by coming.
        self.armed = None;
        #[cfg(feature = "periodic")]
        {
            self.overdue = None;
        }
        self.patience.begin(wall);
    }

    /// The wake-up that is going on is over. `false` when there is none.
    pub(in crate::machine) fn end(&mut self, wall: WallTime) -> bool {
        let Some(Current { token, fruitful, until: _, network_by: _ }) = self.current.take() else { return false };
        if !fruitful {
            self.patience.in_vain(wall);
        }
        self.ended.push(token);
        true
    }

    /// Those that ended since this was last asked.
    pub(in crate::machine) fn take_ended(&mut self) -> Vec<WakeToken> {
        std::mem::take(&mut self.ended)
    }

    /// While something runs the moment to be back at is moved on now and then, not with every input.
    pub(in crate::machine) fn update_recovery(&mut self, running: bool, now: WallTime) {
        if !running {
            self.recovery = None;
            return;
        }
        let (soonest, latest) = (now.after(MIN_SYNC_RECOVERY_TIME / 2), now.after(MIN_SYNC_RECOVERY_TIME));
        let before = self.recovery.filter(|at| *at >= soonest && *at <= latest);
        self.recovery = Some(before.unwrap_or(latest));
    }

    /// The system has woken by itself, or for what it was asked: what starts now may ask it for something else before it
    /// says which.
    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn system_woke(&mut self, now: WallTime) {
        self.overdue = self.armed.map(|armed| (armed.earliest, now)).filter(|(asked, woke)| asked <= woke);
    }

    /// The moment that a wake-up which comes now was asked for.
    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn asked_for(&self, now: WallTime) -> Option<WallTime> {
        let overdue = self.overdue.filter(|(_, woke)| now.since(*woke) <= FOLLOWS_WITHIN);
        overdue.map(|(asked, _)| asked).or(self.armed.map(|armed| armed.earliest))
    }

    /// Says whether something else than before has to be asked of the system.
    pub(in crate::machine) fn arm(&mut self, wanted: Option<WakeUp>, now: WallTime) -> bool {
        let fits = match (self.armed, wanted) {
            (None, None) => true,
            (Some(armed), Some(wanted)) => {
                close(armed.earliest.max(now), wanted.earliest.max(now)) && same_conditions(armed, wanted)
            }
            (None, Some(_)) | (Some(_), None) => false,
        };
        if !fits {
            self.armed = wanted;
        }
        !fits
    }

    /// Says whether something else than before has to be said about the process.
    pub(in crate::machine) fn keep_alive(&mut self, wanted: bool) -> bool {
        std::mem::replace(&mut self.kept_alive, wanted) != wanted
    }

    pub(in crate::machine) fn heap_bytes(&self) -> usize {
        self.ready.heap_bytes() + self.private_ready.heap_bytes() + memory::of_vec(&self.ended)
    }
}

/// Whether two wake-ups are asked for under the same conditions, if any, and until the same time.
fn same_conditions(a: WakeUp, b: WakeUp) -> bool {
    let conditions = |it: WakeUp| [it.charging, it.unmetered, it.not_roaming, it.battery_not_low];
    conditions(a) == conditions(b) && (conditions(a) == [false; 4] || close(a.latest, b.latest))
}

/// Not worth asking the system again.
fn close(a: WallTime, b: WallTime) -> bool {
    a.unix_ms().abs_diff(b.unix_ms()) <= 1_000
}
