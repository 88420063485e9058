use std::collections::BTreeMap;
use std::time::Duration;

use background_sync::AttemptId;
use background_sync::policy::Partition;
use background_sync::registration::{MonotonicTime, Now, WallTime};
use background_sync::scheduler::{StoredBudget, SyncParameters};

use super::record::Certainty;
use super::{Verdict, broken};
use crate::Site;

const DAY: Duration = Duration::from_secs(86_400);
/// Clocks may be so far apart before anybody takes notice.
const APART: Duration = Duration::from_secs(3);

/// What origins may have booked of their background allowance in the last day: starts as they are made, the time
/// of events that run, and what the store held.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts {
    bookings: BTreeMap<Site, Vec<Booking>>,
    /// The clock was set back: what was forgotten before that, and what counts again, nobody can say.
    unclear: bool,
}

/// The least and the most that something was booked with.
#[derive(Clone, Debug)]
struct Booking {
    /// The attempt it is for, until it is settled.
    attempt: Option<AttemptId>,
    /// When it was booked; a clock that is set back may move that.
    at: (WallTime, WallTime),
    starts: (u32, u32),
    time: (Duration, Duration),
    /// Since when the event runs in the background.
    since: Option<MonotonicTime>,
}

impl Accounts {
    /// A worker is to be started, perhaps for an event in the background.
    pub(super) fn started(&mut self, now: Now, attempt: AttemptId, site: &Site, background: Certainty, cap: Duration) {
        if background == Certainty::No {
            return;
        }
        let starts = (u32::from(background == Certainty::Yes), 1);
        let booking = Booking {
            attempt: Some(attempt),
            at: (now.wall, now.wall),
            starts,
            time: (Duration::ZERO, cap),
            since: None,
        };
        self.bookings.entry(site.clone()).or_default().push(booking);
    }

    pub(super) fn dispatched(&mut self, now: Now, attempt: AttemptId, background: bool, cap: Duration) {
        if !background {
            return self.cancelled(attempt);
        }
        for booking in self.of(attempt) {
            booking.starts = (1, 1);
            booking.time = (cap, cap);
            booking.since = Some(now.monotonic);
        }
    }

    /// Nothing came of a start.
    pub(super) fn cancelled(&mut self, attempt: AttemptId) {
        for bookings in self.bookings.values_mut() {
            bookings.retain(|booking| booking.attempt != Some(attempt));
        }
    }

    /// An event of an origin without a window runs, and had one when it began.
    pub(super) fn out_of_sight(&mut self, now: Now, attempt: AttemptId, site: &Site, left: Duration) {
        if self.of(attempt).next().is_some() {
            return;
        }
        let booking = Booking {
            attempt: Some(attempt),
            at: (now.wall, now.wall),
            starts: (0, 0),
            time: (Duration::ZERO, left),
            since: Some(now.monotonic),
        };
        self.bookings.entry(site.clone()).or_default().push(booking);
    }

    /// An event ended, or a window came back to it.
    pub(super) fn settled(&mut self, now: Now, attempt: AttemptId) {
        for booking in self.of(attempt) {
            let used = booking.since.map_or(Duration::ZERO, |since| now.monotonic.since(since));
            booking.time = (booking.time.0.min(used), booking.time.1.min(used));
            booking.attempt = None;
        }
    }

    fn of(&mut self, attempt: AttemptId) -> impl Iterator<Item = &mut Booking> {
        self.bookings.values_mut().flatten().filter(move |booking| booking.attempt == Some(attempt))
    }

    /// The process stood still for so long, and events with it.
    pub(super) fn postpone(&mut self, by: Duration) {
        for booking in self.bookings.values_mut().flatten().filter(|booking| booking.attempt.is_some()) {
            booking.since = booking.since.map(|since| since.after(by));
        }
    }

    pub(super) fn clock_was_set_back(&mut self) {
        self.unclear = true;
    }

    pub(super) fn closed(&mut self, partition: Partition) {
        self.bookings.retain(|site, _| site.partition != partition);
    }

    /// What the store held is what there is.
    pub(super) fn loaded(&mut self, now: Now, budgets: &[StoredBudget]) {
        self.bookings.clear();
        self.unclear = false;
        for budget in budgets {
            let site = Site { partition: budget.partition, origin: budget.origin.clone() };
            let booking = |(at, starts, time): &(WallTime, u32, Duration)| Booking {
                attempt: None,
                at: ((*at).min(now.wall), (*at).min(now.wall)),
                starts: (*starts, *starts),
                time: ((*time).min(DAY), (*time).min(DAY)),
                since: None,
            };
            self.bookings.insert(site, budget.entries.iter().map(booking).collect());
        }
    }

    pub(super) fn move_on(&mut self, now: Now) {
        for bookings in self.bookings.values_mut() {
            for booking in bookings.iter_mut() {
                booking.at.0 = booking.at.0.min(now.wall);
            }
            bookings.retain(|booking| now.wall.since(booking.at.1) < DAY + APART);
        }
    }

    /// The least and the most that is booked.
    fn booked(&self, now: Now, site: &Site) -> ((u64, Duration), (u64, Duration)) {
        let (mut least, mut most) = ((0, Duration::ZERO), (0, Duration::ZERO));
        for booking in self.bookings.get(site).into_iter().flatten() {
            if now.wall.since(booking.at.0) + APART < DAY {
                least = (least.0 + u64::from(booking.starts.0), least.1 + booking.time.0);
            }
            if now.wall.since(booking.at.1) < DAY + APART {
                most = (most.0 + u64::from(booking.starts.1), most.1.saturating_add(booking.time.1));
            }
        }
        (least, most)
    }

    /// Whether an origin without a window has to wait.
    pub(super) fn are_used_up(&self, now: Now, site: &Site, parameters: &SyncParameters) -> Certainty {
        let ((starts, time), (most_starts, most_time)) = self.booked(now, site);
        let allowed = u64::from(parameters.background_starts_per_day);
        let left = |used| parameters.background_time_per_day.saturating_sub(used);
        let [one, other] = [false, true].map(|last_chance| least_needed(last_chance, parameters));
        let may = most_starts >= allowed || left(most_time) < one.max(other) || left(most_time).is_zero();
        let must = starts >= allowed || left(time) < one.min(other) || left(time).is_zero();
        Certainty::between(may || self.unclear, must && !self.unclear)
    }

    /// I13: what is written of an origin's use is no more than it used.
    pub(super) fn written(&self, now: Now, budget: &StoredBudget) -> Verdict {
        let site = Site { partition: budget.partition, origin: budget.origin.clone() };
        let (_, (starts, time)) = self.booked(now, &site);
        let today = || budget.entries.iter().filter(|(at, ..)| now.wall.since(*at) < DAY);
        let found_starts: u64 = today().map(|(_, starts, _)| u64::from(*starts)).sum();
        let found_time: Duration = today().map(|(.., time)| *time).sum();
        if !self.unclear && (found_starts > starts || found_time > time) {
            let what = format!(
                "{found_starts} starts and {found_time:?} are written of {}, which had {starts} and {time:?}",
                site.origin,
            );
            return broken("I13", what);
        }
        Ok(())
    }
}

/// The background time that has to be left before an event begins: all of its cap for a last chance, as much as
/// is worth beginning for another one, and never more than a day's allowance.
pub(super) fn least_needed(last_chance: bool, parameters: &SyncParameters) -> Duration {
    let cap = parameters.event_duration(last_chance);
    let least = if last_chance { cap } else { cap.min(parameters.min_event_duration) };
    least.min(parameters.background_time_per_day)
}
