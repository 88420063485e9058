use background_sync_registration::{Charge, Series};

use crate::SyncParameters;

impl SyncParameters {
    /// What an event costs its series that ended without being fulfilled. `excused` says that the worker could not
    /// help it.
    ///
    /// An excused outcome is free, but so many in a row only, and in all no more than the cap has attempts: one
    /// promise has at most twice the cap of events, whatever crashes or links do (invariant I5).
    #[must_use]
    pub fn charge(&self, series: Series, excused: bool) -> Charge {
        let free =
            excused && series.free_in_a_row < self.max_free_outcomes && series.free_in_all < self.max_sync_attempts;
        if free { Charge::Free } else { Charge::Charged }
    }

    /// What a start costs its series that never became an event.
    ///
    /// It is excused. Where it is no longer free it is charged, but it never uses up the last attempt, which
    /// belongs to an event that was told so.
    #[must_use]
    pub fn charge_of_start(&self, series: Series) -> Charge {
        let uses_up = series.attempts.saturating_add(1) >= self.max_sync_attempts;
        if uses_up { Charge::Free } else { self.charge(series, true) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ends one event after the other, all of them excused, until the cap is used up.
    fn events_until_the_cap(params: &SyncParameters) -> u32 {
        let mut series = Series::default();
        let mut events = 0;
        while series.attempts < params.max_sync_attempts {
            series.book(params.charge(series, true));
            events += 1;
        }
        events
    }

    #[test]
    fn i5_one_promise_has_at_most_twice_the_cap_of_events_however_many_are_excused() {
        let params = SyncParameters::recommended();
        assert_eq!(params.charge(Series::default(), false), Charge::Charged, "nothing excuses it");
        assert_eq!(events_until_the_cap(&params), 24);
        let never_free = SyncParameters { max_free_outcomes: 0, ..params.into_parameters() };
        assert_eq!(events_until_the_cap(&never_free), 12);
    }

    #[test]
    fn three_in_a_row_are_free_and_after_a_charge_they_are_again() {
        let params = SyncParameters::recommended();
        let mut series = Series::default();
        let mut charged = [false; 8];
        for charge in &mut charged {
            let now = params.charge(series, true);
            *charge = now == Charge::Charged;
            series.book(now);
        }
        assert_eq!(charged, [false, false, false, true, false, false, false, true]);
    }

    #[test]
    fn a_start_without_an_event_never_uses_up_the_last_attempt() {
        let params = SyncParameters::recommended();
        let mut series = Series::default();
        for _ in 0..1_000 {
            series.book(params.charge_of_start(series));
        }
        assert_eq!(series.attempts, params.max_sync_attempts - 1);
    }
}
