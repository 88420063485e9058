//! Every booking of an origin, kept for ever: what a budget is compared with.

use std::time::Duration;

use background_sync_registration::WallTime;
use background_sync_scheduler::{BudgetTicket, SyncParameters};

pub(crate) const DAY: Duration = Duration::from_secs(86_400);
/// How much longer than a day something may count that was put together with something younger.
pub(crate) const COARSENESS: Duration = Duration::from_secs(15 * 60);

pub(crate) fn wall(ms: i64) -> WallTime {
    WallTime::from_unix_ms(ms)
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Booking {
    /// `None` when the process has ended since.
    pub(crate) ticket: Option<BudgetTicket>,
    /// Its event has ended.
    pub(crate) ended: bool,
    /// When it was booked, on a clock that may have been set back since: then it counts from there.
    pub(crate) at: WallTime,
    pub(crate) starts: u64,
    pub(crate) time: Duration,
    /// It was a day old at a moment somebody looked, and a clock set back brings nothing back.
    pub(crate) forgotten: bool,
}

/// So many starts and so much time.
pub(crate) type Used = (u64, Duration);

#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) bookings: Vec<Booking>,
    /// Bookings count for a day and this.
    pub(crate) longer_by: Duration,
}

impl History {
    /// Somebody looks at the budget, and at the clock.
    pub(crate) fn look(&mut self, now: WallTime) {
        for booking in &mut self.bookings {
            booking.at = booking.at.min(now);
            booking.forgotten |= now.since(booking.at) >= DAY + self.longer_by;
        }
    }

    pub(crate) fn book(&mut self, ticket: BudgetTicket, at: WallTime, starts: u64, time: Duration) {
        self.bookings.push(Booking { ticket: Some(ticket), ended: false, at, starts, time, forgotten: false });
    }

    /// The tickets of this process, of events that have ended or run, by index.
    pub(crate) fn tickets(&self, ended: bool) -> Vec<(usize, BudgetTicket)> {
        let tickets = self.bookings.iter().enumerate().filter(|(_, booking)| booking.ended == ended);
        tickets.filter_map(|(index, booking)| Some((index, booking.ticket?))).collect()
    }

    pub(crate) fn settle(&mut self, index: usize, used: Duration) {
        let booking = &mut self.bookings[index];
        booking.ended = true;
        booking.time = booking.time.min(used);
    }

    /// The process ends: nobody knows how long those ran that ran, so what they booked counts.
    pub(crate) fn restart(&mut self) {
        for booking in &mut self.bookings {
            booking.ticket = None;
            booking.ended = true;
        }
    }

    pub(crate) fn cancel(&mut self, index: usize) {
        self.bookings.remove(index);
    }

    pub(crate) fn used(&self) -> Used {
        let counting = self.bookings.iter().filter(|booking| !booking.forgotten);
        counting.fold((0, Duration::ZERO), |(starts, time), booking| (starts + booking.starts, time + booking.time))
    }

    /// When an event may start that needs so much, if nothing else happens: at one of the moments at which something
    /// is a day old.
    pub(crate) fn enough_at(&self, least: Duration, params: &SyncParameters) -> Option<WallTime> {
        let mut moments: Vec<_> = self.bookings.iter().map(|booking| booking.at.after(DAY + self.longer_by)).collect();
        moments.sort();
        let is_enough = |moment: &WallTime| {
            let mut then = self.clone();
            then.look(*moment);
            allowed(then.used(), least, params).is_some()
        };
        // As time goes by there is never less again.
        moments.get(moments.partition_point(|moment| !is_enough(moment))).copied()
    }
}

/// The time an event may take that needs at least so much.
pub(crate) fn allowed((starts, time): Used, least: Duration, params: &SyncParameters) -> Option<Duration> {
    let left = params.background_time_per_day.saturating_sub(time);
    let may_start = starts < u64::from(params.background_starts_per_day);
    (may_start && left >= least && left > Duration::ZERO).then_some(left)
}
