use std::{collections::VecDeque, time::Duration};

use background_sync_policy::{Origin, Partition};
use background_sync_registration::{Damage, Now, WallTime, open, seal};
use serde::{Deserialize, Serialize};

use crate::SyncParameters;

/// Version of the stored form of a budget.
pub const STORED_BUDGET_VERSION: u8 = 1;

const DAY: Duration = Duration::from_secs(86_400);

/// What an origin used of its background allowance in the last day (invariant I13).
///
/// Without a window an origin gets so many starts and so much event time in a rolling day, whatever it
/// registered. The time of a running event is booked in full beforehand and corrected at its end, so a
/// crash cannot win time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Oldest first. One a start, and one an event whose last window closed while it ran, of one day.
    entries: VecDeque<Entry>,
    next_ticket: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    ticket: u64,
    at: WallTime,
    /// A window that closes in mid-event costs time and no start.
    is_start: bool,
    time: Duration,
}

/// Names one booking, to correct it when its event has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetTicket(u64);

/// A budget as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredBudget {
    /// The partition; never a private one.
    pub partition: Partition,
    /// The origin.
    pub origin: Origin,
    /// When, whether a start, and how much time; oldest first.
    pub entries: Vec<(WallTime, bool, Duration)>,
}

impl StoredBudget {
    /// The bytes to store.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        seal(STORED_BUDGET_VERSION, self)
    }

    /// Reads stored bytes of any version.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn decode(bytes: &[u8]) -> Result<Self, Damage> {
        open(STORED_BUDGET_VERSION, bytes)
    }
}

impl Budget {
    /// Takes a stored budget up again. Entries from the future (the clock was set back) count from now,
    /// so that a wrong clock can lock an origin out for a day at most.
    #[must_use]
    pub fn restored(stored: &StoredBudget, now: WallTime) -> Self {
        let mut budget = Self::default();
        for (at, is_start, time) in &stored.entries {
            budget.push((*at).min(now), *is_start, (*time).min(DAY));
        }
        budget
    }

    /// The form to store.
    #[must_use]
    pub fn to_stored(&self, partition: Partition, origin: &Origin) -> StoredBudget {
        let entries = self.entries.iter().map(|e| (e.at, e.is_start, e.time)).collect();
        StoredBudget { partition, origin: origin.clone(), entries }
    }

    /// The time an event may take if it starts now; `None` when the origin has to wait.
    #[must_use]
    pub fn available(&mut self, now: WallTime, params: &SyncParameters) -> Option<Duration> {
        self.forget(now);
        let starts = self.entries.iter().filter(|entry| entry.is_start).count();
        let time = self.time_left(params);
        (starts < params.background_starts_per_day as usize && !time.is_zero()).then_some(time)
    }

    fn time_left(&self, params: &SyncParameters) -> Duration {
        let used = self.entries.iter().fold(Duration::ZERO, |sum, entry| sum.saturating_add(entry.time));
        params.background_time_per_day.saturating_sub(used)
    }

    /// Books a start in the background that may take up to `cap`.
    pub fn book_start(&mut self, now: WallTime, cap: Duration) -> BudgetTicket {
        self.push(now, true, cap)
    }

    /// Books a start that may take up to `cap`, cut to what the origin still has.
    pub fn book_next(&mut self, now: WallTime, cap: Duration, params: &SyncParameters) -> BudgetTicket {
        self.forget(now);
        let cap = cap.min(self.time_left(params));
        self.book_start(now, cap)
    }

    /// The time a booking allows.
    #[must_use]
    pub fn booked(&self, ticket: BudgetTicket) -> Duration {
        self.entries.iter().find(|entry| entry.ticket == ticket.0).map_or(Duration::ZERO, |entry| entry.time)
    }

    /// Books the rest of an event whose last window has just closed: up to `left`, cut to what the
    /// origin still has. Says how long it may run on.
    pub fn book_rest(&mut self, now: WallTime, left: Duration, params: &SyncParameters) -> (BudgetTicket, Duration) {
        self.forget(now);
        let granted = left.min(self.time_left(params));
        (self.push(now, false, granted), granted)
    }

    /// Corrects a booking: the event has ended after `used`.
    pub fn settle(&mut self, ticket: BudgetTicket, used: Duration) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.ticket == ticket.0) {
            entry.time = entry.time.min(used);
        }
    }

    /// Takes a booking back: the event was never dispatched.
    pub fn cancel(&mut self, ticket: BudgetTicket) {
        self.entries.retain(|entry| entry.ticket != ticket.0);
    }

    /// How long until something used is old enough to be forgotten.
    #[must_use]
    pub fn until_next(&self, now: Now) -> Option<Duration> {
        let oldest = self.entries.front()?;
        Some(DAY.saturating_sub(now.wall.since(oldest.at)).max(Duration::from_secs(1)))
    }

    fn push(&mut self, at: WallTime, is_start: bool, time: Duration) -> BudgetTicket {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.entries.push_back(Entry { ticket, at, is_start, time });
        BudgetTicket(ticket)
    }

    /// Forgets what is a day old.
    pub fn forget(&mut self, now: WallTime) {
        for entry in &mut self.entries {
            entry.at = entry.at.min(now);
        }
        while self.entries.front().is_some_and(|entry| now.since(entry.at) >= DAY) {
            self.entries.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> WallTime {
        WallTime::from_unix_ms(seconds * 1_000)
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn i13_sixty_starts_in_a_rolling_day() {
        let params = SyncParameters::recommended();
        let mut budget = Budget::default();
        for n in 0..60 {
            assert!(budget.available(at(n * 60), &params).is_some(), "start {n}");
            let ticket = budget.book_start(at(n * 60), SECOND);
            budget.settle(ticket, SECOND);
        }
        assert_eq!(budget.available(at(3_600), &params), None);
        assert_eq!(budget.available(at(86_399), &params), None);
        assert!(budget.available(at(86_400), &params).is_some(), "the first one is a day old");
        budget.book_start(at(86_400), SECOND);
        assert_eq!(budget.available(at(86_459), &params), None, "a rolling day, not a calendar one");
    }

    #[test]
    fn i13_half_an_hour_of_event_time_booked_beforehand() {
        let params = SyncParameters::recommended();
        let mut budget = Budget::default();
        let mut tickets = Vec::new();
        for _ in 0..10 {
            tickets.push(budget.book_start(at(0), 180 * SECOND));
        }
        assert_eq!(budget.available(at(1), &params), None);
        budget.settle(tickets[3], 100 * SECOND);
        assert_eq!(budget.available(at(2), &params), Some(80 * SECOND));
        let (_, granted) = budget.book_rest(at(2), 180 * SECOND, &params);
        assert_eq!(granted, 80 * SECOND, "an event whose window closed gets what is left");
        budget.cancel(tickets[0]);
        assert_eq!(budget.available(at(3), &params), Some(180 * SECOND));
    }

    #[test]
    fn a_clock_set_back_locks_an_origin_out_for_a_day_at_most() {
        let params = SyncParameters { background_starts_per_day: 1, ..SyncParameters::recommended().into_parameters() };
        let mut budget = Budget::default();
        budget.book_start(at(1_000_000), SECOND);
        let origin = Origin::parse("https://a.example").unwrap();
        let stored = budget.to_stored(Partition::Profile(background_sync_policy::PartitionId(0)), &origin);
        assert_eq!(StoredBudget::decode(&stored.encode()), Ok(stored.clone()));
        let mut budget = Budget::restored(&stored, at(0));
        assert_eq!(budget.available(at(10), &params), None);
        assert!(budget.available(at(86_400), &params).is_some());
    }
}
