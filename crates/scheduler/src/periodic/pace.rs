use std::time::Duration;

use background_sync_registration::WallTime;
use serde::{Deserialize, Serialize};

use super::PeriodicParameters;

/// How often an origin has fired, and when it may again (`periodic.def.lastFire`, `periodic.def.effective`).
///
/// With one slot a day two events are the effective minimum interval apart. With a second slot there is a bucket of two
/// tokens instead, which gains one in each such interval, and a shorter gap. Moments are kept and no lengths, so that an
/// interval that changes counts from then on, and gives nothing away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginPace {
    /// Since when it has periodic registrations, if it has any.
    registered: Option<WallTime>,
    last_fire: Option<WallTime>,
    /// When the token was taken that comes back first, the interval later.
    taken: Option<WallTime>,
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
        self.taken = self.taken.map(|taken| taken.after(interval)).max(self.last_fire);
        self.last_fire = Some(at);
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
        let gap = last_fire.after(params.second_slot_gap);
        Some(self.taken.map_or(gap, |taken| taken.after(interval).max(gap)))
    }

    /// The clock was set back: what lies in the future counts as of now. Says whether something did.
    pub fn no_later_than(&mut self, now: WallTime) -> bool {
        let was = *self;
        self.registered = self.registered.map(|at| at.min(now));
        self.last_fire = self.last_fire.map(|at| at.min(now));
        self.taken = self.taken.map(|at| at.min(now));
        *self != was
    }
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
    fn an_interval_that_becomes_longer_gives_no_token() {
        let mut params = PeriodicParameters::recommended();
        params.visits = params.visits.with_second_slot(true);
        let mut pace = OriginPace::default();
        pace.fired(at(0), 12 * HOUR);
        pace.fired(at(4), 12 * HOUR);
        let earliest = |hours: u32| pace.earliest(hours * HOUR, &params).unwrap().unix_ms() / 3_600_000;
        assert_eq!([12, 36, 6].map(earliest), [12, 36, 8]);
    }

    #[test]
    fn a_clock_that_was_set_back_costs_one_interval_and_no_more() {
        let params = PeriodicParameters::recommended();
        let mut pace = OriginPace::default();
        pace.fired(at(1_000), 12 * HOUR);
        assert!(pace.no_later_than(at(10)));
        assert!(!pace.no_later_than(at(10)));
        assert_eq!(earliest(&pace, &params), 22);
        pace.fired(WallTime::from_unix_ms(i64::MAX), Duration::MAX);
        assert_eq!(pace.earliest(Duration::MAX, &params), Some(WallTime::from_unix_ms(i64::MAX)));
    }
}
