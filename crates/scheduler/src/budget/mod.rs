//! What an origin used of its background allowance.

mod allowed;
mod least;
mod stored;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, time::Duration};

use background_sync_registration::{Now, WallTime, memory};

pub use allowed::DayAllowance;
pub use stored::{STORED_BUDGET_VERSION, StoredBudget};

const DAY: Duration = Duration::from_secs(86_400);
/// With more bookings than this, those that ended close to each other are put together.
const MANY: usize = 128;
/// They are put together when so many have ended since it was last done.
const SOME: usize = 32;
/// How close: in the same quarter of an hour. A day has 96 of them, so no allowance makes a budget large.
const QUARTER_MS: i64 = 15 * 60 * 1_000;

/// What an origin used of its background allowance in the last day (invariant I13).
///
/// Without a window an origin gets so many starts and so much event time in a rolling day, whatever it
/// registered. The time of a running event is booked in full beforehand and corrected at its end, so a
/// crash cannot win time. What it costs to ask and to book does not depend on how much was booked before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// By ticket, which is oldest first: one a start, and one an event whose last window closed while it ran.
    entries: BTreeMap<u64, Entry>,
    next_ticket: u64,
    /// Sums over all entries.
    starts: u64,
    time: Duration,
    /// Bookings that ended since they were last put together.
    ended: usize,
    /// No entry is later.
    latest: Option<WallTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    at: WallTime,
    /// A window that closes in mid-event costs time and no start.
    starts: u64,
    time: Duration,
    /// Its event has ended.
    settled: bool,
}

/// Names one booking, to correct it when its event has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetTicket(u64);

impl Budget {
    /// The time an event may take if it starts now and needs at least `least`; `None` when the origin has to
    /// wait.
    #[must_use]
    pub fn available(&mut self, now: WallTime, least: Duration, allowed: impl Into<DayAllowance>) -> Option<Duration> {
        self.forget(now);
        let allowed = allowed.into();
        let left = allowed.time_left(self.time);
        self.is_enough(self.starts, left, least, allowed).then_some(left)
    }

    fn is_enough(&self, starts: u64, left: Duration, least: Duration, allowed: DayAllowance) -> bool {
        starts < u64::from(allowed.starts) && left >= least && !left.is_zero()
    }

    /// Books a start in the background that may take up to `cap`.
    pub fn book_start(&mut self, now: WallTime, cap: Duration) -> BudgetTicket {
        self.forget(now);
        self.push(now, 1, cap)
    }

    /// Books a start that may take up to `cap`, cut to what the origin still has.
    pub fn book_next(&mut self, now: WallTime, cap: Duration, allowed: impl Into<DayAllowance>) -> BudgetTicket {
        self.forget(now);
        let cap = cap.min(allowed.into().time_left(self.time));
        self.push(now, 1, cap)
    }

    /// The time a booking allows.
    #[must_use]
    pub fn booked(&self, ticket: BudgetTicket) -> Duration {
        self.entries.get(&ticket.0).map_or(Duration::ZERO, |entry| entry.time)
    }

    /// Its event is given less than what was booked.
    pub fn cut(&mut self, ticket: BudgetTicket, granted: Duration) {
        if let Some(entry) = self.entries.get_mut(&ticket.0).filter(|entry| !entry.settled) {
            let back = entry.time.saturating_sub(granted);
            entry.time -= back;
            self.time = self.time.saturating_sub(back);
        }
    }

    /// Books the rest of an event whose last window has just closed: up to `left`, cut to what the
    /// origin still has. Says how long it may run on.
    ///
    /// A last chance keeps all of its rest, be it more than that: it has no second try. That is what the next ones
    /// have less.
    pub fn book_rest(
        &mut self,
        now: WallTime,
        left: Duration,
        last_chance: bool,
        allowed: impl Into<DayAllowance>,
    ) -> (BudgetTicket, Duration) {
        self.forget(now);
        let granted = if last_chance { left } else { left.min(allowed.into().time_left(self.time)) };
        (self.push(now, 0, granted), granted)
    }

    /// Corrects a booking: the event has ended after `used`. Once it has ended nothing changes it any more: it may
    /// have been put together with others.
    pub fn settle(&mut self, ticket: BudgetTicket, used: Duration) {
        let Some(entry) = self.entries.get_mut(&ticket.0).filter(|entry| !entry.settled) else { return };
        let back = entry.time.saturating_sub(used);
        entry.time -= back;
        self.time = self.time.saturating_sub(back);
        if entry.starts == 0 && entry.time.is_zero() {
            return self.cancel(ticket);
        }
        self.end(ticket);
    }

    /// Takes a booking back: the event was never dispatched.
    pub fn cancel(&mut self, ticket: BudgetTicket) {
        if self.entries.get(&ticket.0).is_some_and(|entry| !entry.settled)
            && let Some(entry) = self.entries.remove(&ticket.0)
        {
            self.subtract(entry);
        }
    }

    /// How long until something used is old enough to be forgotten.
    #[must_use]
    pub fn until_next(&self, now: Now) -> Option<Duration> {
        let (_, oldest) = self.entries.first_key_value()?;
        Some(until_forgotten(oldest.at, now))
    }

    /// How long until so much is forgotten that an event may start that needs at least `least`; `None` when
    /// nothing that can be forgotten would help.
    #[must_use]
    pub fn until_available(&self, now: Now, least: Duration, allowed: impl Into<DayAllowance>) -> Option<Duration> {
        let allowed = allowed.into();
        let (mut starts, mut time) = (self.starts, self.time);
        for entry in self.entries.values() {
            starts = starts.saturating_sub(entry.starts);
            time = time.saturating_sub(entry.time);
            if self.is_enough(starts, allowed.time_left(time), least, allowed) {
                return Some(until_forgotten(entry.at, now));
            }
        }
        None
    }

    /// How long an event has to wait that needs at least `least`; `None` when it may start now.
    ///
    /// Where nothing that can be forgotten would help it is a day: then it is looked at again.
    #[must_use]
    pub fn wait(&self, now: Now, least: Duration, allowed: impl Into<DayAllowance>) -> Option<Duration> {
        let allowed = allowed.into();
        if self.is_enough(self.starts, allowed.time_left(self.time), least, allowed) {
            return None;
        }
        let wait = self.until_available(now, least, allowed).unwrap_or(DAY);
        // What is a day old counts no more, though it was not thrown away yet.
        let is_over = |entry: &Entry| now.wall.since(entry.at) >= DAY;
        let over = self.entries.values().take_while(|entry| is_over(entry));
        let (starts, time) = over.fold((self.starts, self.time), |(starts, time), entry| {
            (starts.saturating_sub(entry.starts), time.saturating_sub(entry.time))
        });
        (!self.is_enough(starts, allowed.time_left(time), least, allowed)).then_some(wait)
    }

    /// How many starts are left of what is allowed, as far as it was [forgotten](Self::forget) what is a day old.
    #[must_use]
    pub fn starts_left(&self, allowed: impl Into<DayAllowance>) -> u64 {
        u64::from(allowed.into().starts).saturating_sub(self.starts)
    }

    /// Forgets what is a day old.
    pub fn forget(&mut self, now: WallTime) {
        if self.latest.is_some_and(|latest| latest > now) {
            // The clock was set back: what is in the future counts from now.
            self.entries.values_mut().for_each(|entry| entry.at = entry.at.min(now));
            self.latest = Some(now);
        }
        while let Some(oldest) = self.entries.first_entry()
            && now.since(oldest.get().at) >= DAY
        {
            let entry = oldest.remove();
            self.subtract(entry);
        }
    }

    fn push(&mut self, at: WallTime, starts: u64, time: Duration) -> BudgetTicket {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.entries.insert(ticket, Entry { at, starts, time, settled: false });
        self.starts = self.starts.saturating_add(starts);
        self.time = self.time.saturating_add(time);
        self.latest = self.latest.max(Some(at));
        BudgetTicket(ticket)
    }

    fn end(&mut self, ticket: BudgetTicket) {
        if let Some(entry) = self.entries.get_mut(&ticket.0) {
            entry.settled = true;
            self.ended += 1;
        }
        // Not at every end: however many run, what it costs is shared.
        if self.entries.len() > MANY && self.ended >= SOME {
            self.put_together();
        }
    }

    fn subtract(&mut self, entry: Entry) {
        self.starts = self.starts.saturating_sub(entry.starts);
        self.time = self.time.saturating_sub(entry.time);
    }

    /// Bookings that have ended and are close to each other become one, as old as the youngest of them: it is
    /// forgotten a little later, never sooner.
    fn put_together(&mut self) {
        self.ended = 0;
        let quarter = |at: WallTime| at.unix_ms().div_euclid(QUARTER_MS);
        let mut group: Option<(u64, i64)> = None;
        for (ticket, entry) in std::mem::take(&mut self.entries) {
            let joined = group.filter(|(_, same)| entry.settled && quarter(entry.at) == *same);
            if let Some(into) = joined.and_then(|(first, _)| self.entries.get_mut(&first)) {
                into.at = entry.at;
                into.starts = into.starts.saturating_add(entry.starts);
                into.time = into.time.saturating_add(entry.time);
                continue;
            }
            group = entry.settled.then_some((ticket, quarter(entry.at)));
            self.entries.insert(ticket, entry);
        }
    }

    /// Bytes that it holds on the heap, about.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        memory::of_tree(&self.entries)
    }
}

fn until_forgotten(at: WallTime, now: Now) -> Duration {
    DAY.saturating_sub(now.wall.since(at)).max(Duration::from_millis(1))
}
