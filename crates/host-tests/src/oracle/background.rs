use std::collections::BTreeMap;
use std::time::Duration;

use background_sync::policy::{Partition, RegistrationKey};
use background_sync::registration::{MonotonicTime, Now, WallTime};
use background_sync::scheduler::SyncParameters;
use background_sync::{AttemptId, SyncEventInit};

use super::account::least_needed;
use super::told::{Sight, Told};
use super::{Verdict, broken};
use crate::Site;

const DAY: Duration = Duration::from_secs(86_400);
/// Clocks are read in whole milliseconds, and a cap is noticed at a tick.
const LATE: Duration = Duration::from_secs(2);

/// I13: what origins did without a window, on the wall clock, over all sessions.
#[derive(Clone, Debug, Default)]
pub(super) struct Background {
    starts: BTreeMap<Site, Vec<Start>>,
}

/// An event as it is dispatched. It counts from when its worker was to be started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dispatched {
    pub(super) attempt: AttemptId,
    pub(super) started: WallTime,
    pub(super) cap: Duration,
    pub(super) background: bool,
}

#[derive(Clone, Debug)]
struct Start {
    attempt: AttemptId,
    at: WallTime,
    since: MonotonicTime,
    cap: Duration,
    used: Option<Duration>,
}

impl Background {
    pub(super) fn dispatched(
        &mut self,
        now: Now,
        key: &RegistrationKey,
        event: &SyncEventInit,
        dispatched: Dispatched,
        told: &Told,
        parameters: &SyncParameters,
    ) -> Verdict {
        let Dispatched { attempt, started, cap, background } = dispatched;
        let sight = told.sight(now.monotonic, &Site::of(key), parameters);
        let is_so = match sight {
            Sight::Seen => !background,
            Sight::Either => true,
            Sight::Background => background,
        };
        if !is_so {
            return broken("I13", format!("{attempt:?} is said to be in the background: {background}; it is not so"));
        }
        let own_cap = parameters.event_duration(event.last_chance);
        if background {
            let (mut least, mut most) = (least_needed(event.last_chance, parameters), own_cap);
            if let Some(left) = told.left_of_wake_up(now.monotonic) {
                (least, most) = (told.least_of_wake_up(least), most.min(left));
            }
            if cap < least || cap > most {
                let what = format!("{attempt:?} is given {cap:?} in the background; due are {least:?} to {most:?}");
                return broken("I13", what);
            }
            let start = Start { attempt, at: started, since: now.monotonic, cap, used: None };
            self.starts.entry(Site::of(key)).or_default().push(start);
        } else if cap != own_cap {
            return broken("cap", format!("{attempt:?} is given {cap:?}, and its cap is {own_cap:?}"));
        }
        Ok(())
    }

    /// The process stood still for so long, and events with it.
    pub(super) fn postpone(&mut self, by: Duration) {
        for start in self.starts.values_mut().flatten() {
            if start.used.is_none() {
                start.since = start.since.after(by);
            }
        }
    }

    /// Events of a dead process have no end; numbers of attempts begin anew. Of private partitions nothing is
    /// left, nor should be (I12).
    pub(super) fn died(&mut self) {
        self.starts.retain(|site, _| !site.partition.is_private());
        for start in self.starts.values_mut().flatten() {
            start.used.get_or_insert(Duration::ZERO);
        }
    }

    /// I12: a private partition that is opened again begins a new account.
    pub(super) fn closed(&mut self, partition: Partition) {
        self.starts.retain(|site, _| site.partition != partition);
    }

    pub(super) fn ended(&mut self, attempt: AttemptId, now: Now) {
        for start in self.starts.values_mut().flatten() {
            if start.attempt == attempt && start.used.is_none() {
                start.used = Some(now.monotonic.since(start.since).min(start.cap));
            }
        }
    }

    /// A clock that was set back moves what is in the future to now, as a budget does.
    pub(super) fn within_the_day(&mut self, now: Now, parameters: &SyncParameters) -> Verdict {
        for (site, starts) in &mut self.starts {
            let mut time = Duration::ZERO;
            starts.retain_mut(|start| {
                start.at = start.at.min(now.wall);
                let today = now.wall.since(start.at) < DAY;
                if today {
                    time += start.used.unwrap_or(Duration::ZERO);
                }
                today
            });
            let most = parameters.background_starts_per_day as usize;
            if starts.len() > most || time > parameters.background_time_per_day.saturating_add(LATE) {
                let what = format!("{} had {} starts and {time:?} in a day", site.origin, starts.len());
                return broken("I13", what);
            }
        }
        Ok(())
    }
}
