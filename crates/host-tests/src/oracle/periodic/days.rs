use std::collections::BTreeMap;
use std::time::Duration;

use background_sync::AttemptId;
use background_sync::policy::Partition;
use background_sync::registration::{MonotonicTime, Now, WallTime};
use background_sync::scheduler::PeriodicParameters;

use crate::Site;
use crate::oracle::{Verdict, broken};

const DAY: Duration = Duration::from_secs(86_400);
/// Clocks are read in whole milliseconds, and a cap is noticed at a tick.
const LATE: Duration = Duration::from_secs(2);
/// Clocks may be so far apart before anybody takes notice.
const APART: Duration = Duration::from_secs(3);

/// I13: the events of origins, with a window or without, on the wall clock, over all sessions.
#[derive(Clone, Debug, Default)]
pub(super) struct Days {
    events: BTreeMap<Site, Vec<Event>>,
    /// What is booked may be more than what was seen, until then.
    unclear_until: Option<WallTime>,
}

#[derive(Clone, Debug)]
struct Event {
    attempt: AttemptId,
    /// When its worker was to be started.
    at: WallTime,
    since: MonotonicTime,
    cap: Duration,
    used: Option<Duration>,
}

impl Days {
    pub(super) fn dispatched(&mut self, now: Now, site: Site, attempt: AttemptId, at: WallTime, cap: Duration) {
        let event = Event { attempt, at, since: now.monotonic, cap, used: None };
        self.events.entry(site).or_default().push(event);
    }

    pub(super) fn ended(&mut self, attempt: AttemptId, now: Now) {
        for event in self.events.values_mut().flatten() {
            if event.attempt == attempt && event.used.is_none() {
                event.used = Some(now.monotonic.since(event.since).min(event.cap));
            }
        }
    }

    /// The process stood still for so long, and events with it.
    pub(super) fn postpone(&mut self, by: Duration) {
        for event in self.events.values_mut().flatten().filter(|event| event.used.is_none()) {
            event.since = event.since.after(by);
        }
    }

    /// Events of a dead process have no end, and what starts of it had booked is not known. Of private partitions
    /// nothing is left (I12).
    pub(super) fn died(&mut self, now: Now) {
        self.events.retain(|site, _| !site.partition.is_private());
        for event in self.events.values_mut().flatten() {
            event.used.get_or_insert(Duration::ZERO);
        }
        self.are_unclear(now.wall);
    }

    /// I12: a private partition that is opened again begins a new account.
    pub(super) fn closed(&mut self, partition: Partition) {
        self.events.retain(|site, _| site.partition != partition);
    }

    pub(super) fn are_unclear(&mut self, now: WallTime) {
        self.unclear_until = Some(now.after(DAY.saturating_add(APART)));
    }

    pub(super) fn no_later_than(&mut self, now: WallTime) {
        self.are_unclear(now);
        self.events.values_mut().flatten().for_each(|event| event.at = event.at.min(now));
    }

    /// I13: so many starts and so much event time in a rolling day.
    pub(super) fn within(&mut self, now: Now, parameters: &PeriodicParameters) -> Verdict {
        for (site, events) in &mut self.events {
            events.retain(|event| now.wall.since(event.at) < DAY.saturating_add(APART));
            let today = || events.iter().filter(|event| now.wall.since(event.at) < DAY);
            let starts = today().count();
            let time: Duration = today().filter_map(|event| event.used).sum();
            if starts > parameters.starts_per_day as usize || time > parameters.time_per_day.saturating_add(LATE) {
                let what = format!("{} had {starts} periodic events and {time:?} in a day", site.origin);
                return broken("I13", what);
            }
        }
        Ok(())
    }

    /// Whether an origin may have nothing left for an event that needs so much.
    pub(super) fn may_be_used_up(
        &self,
        now: WallTime,
        site: &Site,
        least: Duration,
        parameters: &PeriodicParameters,
    ) -> bool {
        let events = || self.events.get(site).into_iter().flatten();
        let time: Duration = events().map(|event| event.used.unwrap_or(event.cap)).sum();
        let left = parameters.time_per_day.saturating_sub(time);
        let unclear = self.unclear_until.is_some_and(|until| now < until);
        unclear || events().count() >= parameters.starts_per_day as usize || left < least || left.is_zero()
    }
}
