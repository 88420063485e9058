use std::time::Duration;

use background_sync::AttemptId;
use background_sync::registration::{MinInterval, MonotonicTime, WallTime};
use background_sync::scheduler::{NetworkId, PeriodicParameters, SyncParameters};

use crate::oracle::record::{Again, Certainty};

/// The least and the most that something may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span<T> {
    pub(super) least: T,
    pub(super) most: T,
}

impl<T: Copy + Ord> Span<T> {
    /// It is known.
    pub(super) fn of(value: T) -> Self {
        Self { least: value, most: value }
    }

    /// It may be this too.
    pub(super) fn with(self, value: T) -> Self {
        Self { least: self.least.min(value), most: self.most.max(value) }
    }

    pub(super) fn holds(&self, value: T) -> bool {
        (self.least..=self.most).contains(&value)
    }

    pub(super) fn no_later_than(&mut self, value: T) {
        self.least = self.least.min(value);
        self.most = self.most.min(value);
    }
}

/// A periodic registration.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) order: u64,
    /// `false` when two orders of things at one moment are both right, and it may or may not be there.
    pub(super) certain: bool,
    /// When the call that made it was made.
    pub(super) registered: WallTime,
    pub(super) interval: Span<MinInterval>,
    /// `periodic.def.anchor`.
    pub(super) anchor: Span<WallTime>,
    pub(super) running: Option<AttemptId>,
    /// Whether it was registered again since its event began.
    pub(super) again: Again,
    /// Its event and the retries of that, unless they are over beyond doubt.
    pub(super) tries: Option<Tries>,
    /// A start of its turn came to nothing; by then that is decided.
    pub(super) unsettled_until: Option<WallTime>,
    /// Since when its own interval may have been seen to be over.
    pub(super) over_since: Option<WallTime>,
    /// Since when nothing has held it that is due.
    pub(super) free_since: Option<MonotonicTime>,
    /// The networks that it may have been registered on; `None` when nothing is known of that.
    pub(super) networks: Option<Vec<Option<NetworkId>>>,
}

/// An event and its retries.
#[derive(Clone, Debug)]
pub(super) struct Tries {
    /// When the first of them was dispatched.
    pub(super) first: WallTime,
    /// How many there were.
    pub(super) events: u32,
    /// For how long the host has put them off, or an event outlasted the time for them, as over a sleep.
    pub(super) put_off: Duration,
    /// Failures that count beyond doubt.
    pub(super) charged: u32,
    /// The last one failed, and another may follow, not before then.
    pub(super) follows: Option<MonotonicTime>,
}

impl Record {
    pub(super) fn new(order: u64, registered: WallTime, interval: Span<MinInterval>) -> Self {
        Self {
            order,
            certain: true,
            registered,
            interval,
            anchor: Span::of(registered),
            running: None,
            again: Again::No,
            tries: None,
            unsettled_until: None,
            over_since: None,
            free_since: None,
            networks: None,
        }
    }

    /// periodic.fire.6.7.4: pending, and the interval counts from now.
    pub(super) fn is_over(&mut self, now: WallTime) {
        self.tries = None;
        self.again = Again::No;
        self.over_since = None;
        self.unsettled_until = None;
        self.anchor = Span::of(now);
    }

    /// Whether a retry of its event may be to come.
    pub(super) fn may_be_retried(&self) -> bool {
        self.tries.as_ref().is_some_and(|tries| tries.follows.is_some())
    }

    /// When its own interval is over at the earliest.
    pub(super) fn earliest(&self, interval: MinInterval, parameters: &PeriodicParameters) -> WallTime {
        earliest(self.anchor.least, interval, parameters)
    }

    pub(super) fn look(&mut self, now: WallTime, interval: MinInterval, parameters: &PeriodicParameters) {
        if self.running.is_none() && self.earliest(interval, parameters) <= now {
            self.over_since.get_or_insert(now);
        }
    }

    /// The clock was set back by so little that it may not have been noticed.
    pub(super) fn may_be_no_later_than(&mut self, now: WallTime) {
        let most = self.anchor.most;
        self.no_later_than(now);
        self.anchor.most = most;
    }

    pub(super) fn no_later_than(&mut self, now: WallTime) {
        self.anchor.no_later_than(now);
        self.over_since = self.over_since.map(|at| at.min(now));
        if let Some(tries) = &mut self.tries {
            tries.first = tries.first.min(now);
        }
    }

    pub(super) fn nothing_known_of_waits(&mut self) {
        if let Some(Tries { follows: Some(follows), .. }) = &mut self.tries {
            *follows = MonotonicTime::ZERO;
        }
    }

    /// Whether the network that is up is another one than it was registered on.
    pub(super) fn is_elsewhere(&self, here: Option<&NetworkId>) -> Certainty {
        let Some(here) = here else { return Certainty::No };
        let Some(networks) = &self.networks else { return Certainty::Maybe };
        let other = |network: &Option<NetworkId>| network.as_ref().is_some_and(|network| network != here);
        Certainty::between(networks.iter().any(other), networks.iter().all(other))
    }
}

/// periodic.process.1.3.3.3.2, where a part of the interval may be left out.
fn earliest(anchor: WallTime, interval: MinInterval, parameters: &PeriodicParameters) -> WallTime {
    let kept = 100 - u128::from(parameters.interval_flex_percent.min(100));
    let ms = u128::from(interval.ms()) * kept / 100;
    anchor.after(Duration::from_millis(u64::try_from(ms).unwrap_or(u64::MAX)))
}

/// By when the retries of an event are over: all of them take a tenth of the shortest interval at most, and the events
/// and their starts as long as they may.
pub(super) fn longest_tries(parameters: &PeriodicParameters, longest_start: Duration) -> Duration {
    let retries = parameters.max_retry_duration.saturating_add(longest_start).saturating_mul(parameters.max_retries);
    let waits = parameters.min_interval_for_any_origin / 10;
    waits.saturating_add(parameters.max_event_duration).saturating_add(retries)
}

/// How long what was let fire may take before it is judged anew: a tenth of the shortest interval, and as long as all its
/// events and their starts may take.
pub(super) fn turn_lasts(parameters: &SyncParameters) -> Duration {
    let attempt = parameters.periodic.max_event_duration.saturating_add(parameters.max_start_duration);
    let attempts = attempt.saturating_mul(parameters.periodic.max_retries.saturating_add(1));
    (parameters.periodic.min_interval_for_any_origin / 10).saturating_add(attempts)
}
