use std::time::Duration;

use background_sync::registration::Charge;
use background_sync::registration::{Series, WallTime};
use background_sync::scheduler::{JitterMode, SyncParameters};

/// Beyond so many possible accounts of a series nothing is said about it any more.
const MOST: usize = 24;

/// The accounts of a series that are possible by the rules; one, unless the order of two things at the same
/// moment decides, or a call that begins a new series is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PossibleSeries {
    accounts: Vec<Series>,
    /// There are too many to tell.
    any: bool,
}

/// Whether the end of an attempt is excused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excused {
    Yes,
    No,
    /// Two orders at one moment are both right.
    Either,
}

impl PossibleSeries {
    pub(super) fn new() -> Self {
        Self::of(Series::default())
    }

    pub(super) fn of(series: Series) -> Self {
        Self { accounts: vec![series], any: false }
    }

    fn from_all(accounts: impl Iterator<Item = Series>, any: bool) -> Self {
        let mut found: Vec<Series> = Vec::new();
        for account in accounts {
            if !found.contains(&account) {
                found.push(account);
            }
        }
        let any = any || found.len() > MOST;
        Self { accounts: found, any }
    }

    /// A new series may have begun.
    pub(super) fn or_new(&mut self) {
        if !self.allows(Series::default()) {
            self.accounts.push(Series::default());
        }
    }

    /// Whatever was booked meanwhile may or may not have been.
    pub(super) fn or(&mut self, other: &Self) {
        let all = self.accounts.iter().chain(&other.accounts).copied();
        *self = Self::from_all(all, self.any || other.any);
    }

    /// I5: an event that was told that others follow has ended.
    pub(super) fn book_event(&mut self, excused: Excused, parameters: &SyncParameters) {
        self.book(excused, |series| excused_is_free(series, parameters));
    }

    /// A start came to nothing before its event was dispatched.
    pub(super) fn book_start(&mut self, parameters: &SyncParameters) {
        self.book(Excused::Yes, |series| {
            // It never uses up the last attempt.
            let uses_up = series.attempts.saturating_add(1) >= parameters.max_sync_attempts;
            uses_up || excused_is_free(series, parameters)
        });
    }

    fn book(&mut self, excused: Excused, is_free: impl Fn(Series) -> bool) {
        let with = |charge, mut series: Series| {
            series.book(charge);
            series
        };
        let free = |series: &Series| is_free(*series).then(|| with(Charge::Free, *series));
        let charged = |series: &Series| with(Charge::Charged, *series);
        let booked: Vec<_> = match excused {
            Excused::Yes => self.accounts.iter().map(|series| free(series).unwrap_or(charged(series))).collect(),
            Excused::No => self.accounts.iter().map(charged).collect(),
            Excused::Either => {
                self.accounts.iter().flat_map(|series| free(series).into_iter().chain([charged(series)])).collect()
            }
        };
        *self = Self::from_all(booked.into_iter(), self.any);
    }

    pub(super) fn allows(&self, series: Series) -> bool {
        self.any || self.accounts.contains(&series)
    }

    /// What was written is what it is.
    pub(super) fn is_now(&mut self, series: Series) {
        *self = Self::of(series);
    }

    /// Keeps the accounts by which the event is told the truth (I6). `false` if there are none.
    pub(super) fn keep_truthful(&mut self, last_chance: bool, told: impl Fn(Series) -> [bool; 2]) -> bool {
        if self.any {
            return true;
        }
        self.accounts.retain(|series| told(*series).contains(&last_chance));
        !self.accounts.is_empty()
    }

    /// The most failures that count for the wait after the next one.
    pub(super) fn most_failures(&self) -> u32 {
        let failures = |series: &Series| series.attempts.saturating_add(series.free_in_a_row);
        if self.any { u32::MAX } else { self.accounts.iter().map(failures).max().unwrap_or(u32::MAX) }
    }

    /// The most attempts that were charged.
    pub(super) fn most_attempts(&self) -> u32 {
        if self.any { u32::MAX } else { self.accounts.iter().map(|series| series.attempts).max().unwrap_or(u32::MAX) }
    }

    /// The fewest.
    pub(super) fn fewest_attempts(&self) -> u32 {
        if self.any { 0 } else { self.accounts.iter().map(|series| series.attempts).min().unwrap_or(0) }
    }
}

fn excused_is_free(series: Series, parameters: &SyncParameters) -> bool {
    series.free_in_a_row < parameters.max_free_outcomes && series.free_in_all < parameters.max_sync_attempts
}

/// I6: whether an attempt is the last one, once more and plainly.
pub(super) fn is_last_chance(series: Series, registered: WallTime, now: WallTime, parameters: &SyncParameters) -> bool {
    let after_this = series.attempts.saturating_add(1);
    let aged = now.since(registered) > parameters.max_age;
    let enough = after_this >= parameters.min_sync_attempts.min(parameters.max_sync_attempts);
    after_this >= parameters.max_sync_attempts || (aged && enough)
}

/// The longest wait after so many attempts (`sync.fire.5.3.2.1`).
pub(super) fn longest_back_off(attempts: u32, parameters: &SyncParameters) -> Duration {
    let mut whole = parameters.initial_retry_delay;
    for _ in 1..attempts.clamp(1, 200) {
        // A factor is not zero: it gets no shorter again.
        if whole >= parameters.max_retry_delay {
            break;
        }
        whole = whole.saturating_mul(parameters.retry_delay_factor);
    }
    whole.min(parameters.max_retry_delay).max(parameters.min_refire_spacing)
}

/// The shortest.
pub(super) fn shortest_back_off(attempts: u32, parameters: &SyncParameters) -> Duration {
    let whole = longest_back_off(attempts, parameters);
    match parameters.jitter {
        JitterMode::Equal => (whole / 2).max(parameters.min_refire_spacing),
        JitterMode::None => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(possible: &PossibleSeries) -> Vec<(u32, u32, u32)> {
        possible.accounts.iter().map(|s| (s.attempts, s.free_in_a_row, s.free_in_all)).collect()
    }

    #[test]
    fn three_free_in_a_row_then_charged_and_as_many_free_in_all_as_the_cap() {
        let parameters = SyncParameters::recommended().into_parameters().with(|it| it.max_sync_attempts = 5);
        let mut possible = PossibleSeries::new();
        for _ in 0..4 {
            possible.book_event(Excused::Yes, &parameters);
        }
        assert_eq!(counts(&possible), [(1, 0, 3)]);
        for _ in 0..4 {
            possible.book_event(Excused::Yes, &parameters);
        }
        assert_eq!(counts(&possible), [(3, 0, 5)], "two more free ones, and then none");
    }

    #[test]
    fn a_start_never_uses_up_the_last_attempt() {
        let parameters = SyncParameters::recommended().into_parameters().with(|it| it.max_sync_attempts = 2);
        let mut possible = PossibleSeries::of(Series::new(1, 3, 3));
        possible.book_start(&parameters);
        assert_eq!(counts(&possible), [(1, 4, 4)]);
    }

    #[test]
    fn either_is_both() {
        let mut possible = PossibleSeries::new();
        possible.book_event(Excused::Either, &SyncParameters::recommended());
        assert!(possible.allows(Series::charged(1)));
        assert!(possible.allows(Series::new(0, 1, 1)));
        assert!(!possible.allows(Series::default()));
    }
}
