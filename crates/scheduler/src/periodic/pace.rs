use std::time::Duration;

use background_sync_registration::WallTime;
use serde::{Deserialize, Serialize};

use super::PeriodicParameters;

/// How often an origin has fired, and when it may again (`periodic.def.lastFire`, `periodic.def.effective`).
///
/// With one slot a day two events are the effective minimum interval apart. With a second slot there is a bucket of two
/// tokens instead, which gains one in each such interval, and a shorter gap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginPace {
    /// Since when it has periodic registrations, if it has any.
    registered: Option<WallTime>,
    last_fire: Option<WallTime>,
    /// When the bucket is full again.
    full_at: Option<WallTime>,
}

impl OriginPace {
    /// Something of the origin was registered. Of a new one the first event waits as if one had just fired: a page that
    /// has just been open is as fresh as an event could make it.
    pub fn registered(&mut self, at: WallTime) {
        self.registered.get_or_insert(at);
    }

    /// Nothing of it is registered any more. When it fired last stays, so that whoever unregisters and registers again
    /// gains nothing.
    pub fn emptied(&mut self) {
        self.registered = None;
    }

    /// Since when it has periodic registrations, if it has any.
    #[must_use]
    pub const fn registered_since(&self) -> Option<WallTime> {
        self.registered
    }

    /// When an event of it was last dispatched.
    #[must_use]
    pub const fn last_fire(&self) -> Option<WallTime> {
        self.last_fire
    }

    /// An event is dispatched. It counts then, be it a success or not: what crashes has fired.
    pub fn fired(&mut self, at: WallTime, interval: Duration) {
        self.last_fire = Some(at);
        self.full_at = Some(self.full_at.map_or(at, |full| full.max(at)).after(interval));
    }

    /// Another event is dispatched that was judged together with one before.
    pub fn fired_too(&mut self, at: WallTime) {
        self.last_fire = Some(at);
    }

    /// When the next event may be dispatched, if the effective minimum interval is this long.
    #[must_use]
    pub fn earliest(&self, interval: Duration, params: &PeriodicParameters) -> Option<WallTime> {
        let last_fire = self.last_fire.max(self.registered)?;
        if !params.visits.second_slot {
            return Some(last_fire.after(interval));
        }
        let has_token = self.full_at.map_or(last_fire, |full| before(full, interval));
        Some(last_fire.after(params.second_slot_gap).max(has_token))
    }

    /// The clock was set back: what lies in the future counts as of now. Says whether something did.
    pub fn no_later_than(&mut self, now: WallTime, interval: Duration) -> bool {
        let was = *self;
        self.registered = self.registered.map(|at| at.min(now));
        self.last_fire = self.last_fire.map(|at| at.min(now));
        self.full_at = self.full_at.map(|at| at.min(now.after(interval.saturating_mul(2))));
        *self != was
    }
}

fn before(at: WallTime, by: Duration) -> WallTime {
    WallTime::from_unix_ms(at.unix_ms().saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn at(hours: i64) -> WallTime {
        WallTime::from_unix_ms(hours * 3_600_000)
    }

    fn earliest(pace: &OriginPace, params: &PeriodicParameters) -> i64 {
        pace.earliest(12 * HOUR, params).unwrap().unix_ms() / 3_600_000
    }

    #[test]
    fn with_one_slot_two_events_are_the_interval_apart() {
        let params = PeriodicParameters::recommended();
        let mut pace = OriginPace::default();
        assert_eq!(pace.earliest(HOUR, &params), None, "it has nothing periodic");
        pace.registered(at(1));
        pace.registered(at(5));
        assert_eq!(earliest(&pace, &params), 13);
        pace.fired(at(20), 12 * HOUR);
        assert_eq!(earliest(&pace, &params), 32);
    }

    #[test]
    fn with_two_slots_there_are_two_tokens_and_a_gap() {
        let mut params = PeriodicParameters::recommended();
        params.visits = params.visits.with_second_slot(true);
        let mut pace = OriginPace::default();
        pace.registered(at(0));
        assert_eq!(earliest(&pace, &params), 4);
        pace.fired(at(24), 12 * HOUR);
        assert_eq!(earliest(&pace, &params), 28, "the second token, after the gap");
        pace.fired(at(28), 12 * HOUR);
        assert_eq!(earliest(&pace, &params), 36, "one a half day");
        pace.fired(at(36), 12 * HOUR);
        assert_eq!(earliest(&pace, &params), 48);
        pace.fired(at(100), 12 * HOUR);
        pace.fired(at(104), 12 * HOUR);
        assert_eq!(earliest(&pace, &params), 112, "two at most were saved up");
    }

    #[test]
    fn a_clock_that_was_set_back_costs_one_interval_and_no_more() {
        let params = PeriodicParameters::recommended();
        let mut pace = OriginPace::default();
        pace.fired(at(1_000), 12 * HOUR);
        assert!(pace.no_later_than(at(10), 12 * HOUR));
        assert!(!pace.no_later_than(at(10), 12 * HOUR));
        assert_eq!(earliest(&pace, &params), 22);
        pace.fired(WallTime::from_unix_ms(i64::MAX), Duration::MAX);
        assert_eq!(pace.earliest(Duration::MAX, &params), Some(WallTime::from_unix_ms(i64::MAX)));
    }
}
