use std::time::Duration;

use background_sync::registration::WallTime;
use background_sync::scheduler::{AcrossOrigins, PeriodicParameters};

use crate::oracle::{Verdict, broken};

const DAY: Duration = Duration::from_secs(86_400);
/// What was let fire does so within an hour, and as long as its worker takes to start.
const LATE: Duration = Duration::from_secs(3_600 + 300);

/// The passes of all origins: `periodic.process.1.1`. A pass itself is not seen, only what it lets fire, within an hour;
/// so it is counted how many there must have been.
#[derive(Clone, Debug, Default)]
pub(super) struct Passes {
    /// First events of judgements, oldest first.
    fired: Vec<Fired>,
    /// Starts of workers, oldest first: the device was woken for them, whatever came of it.
    started: Vec<WallTime>,
}

#[derive(Clone, Copy, Debug)]
struct Fired {
    at: WallTime,
    is_private: bool,
}

/// So many starts are remembered, however long ago they were: a clock that is set back makes them count anew.
const MOST_STARTS: usize = 256;

impl Passes {
    pub(super) fn no_later_than(&mut self, now: WallTime) {
        let fired = self.fired.iter_mut().map(|fired| &mut fired.at);
        fired.chain(&mut self.started).for_each(|at| *at = (*at).min(now));
    }

    /// I12: of what private partitions did a crash leaves nothing.
    pub(super) fn died(&mut self) {
        self.fired.retain(|fired| !fired.is_private);
    }

    /// A worker is started for something periodic, or the user is asked whether one may be.
    pub(super) fn started(&mut self, now: WallTime) {
        if self.started.len() >= MOST_STARTS {
            self.started.remove(0);
        }
        self.started.push(now);
    }

    /// An origin was judged, and an event of it is dispatched now.
    pub(super) fn fired(&mut self, now: WallTime, is_private: bool, parameters: &PeriodicParameters) -> Verdict {
        let fired = Fired { at: now, is_private };
        let together = parameters.batch_window.saturating_add(LATE);
        match parameters.across_origins {
            AcrossOrigins::WakeUpsPerDay(most) => {
                self.fired.retain(|fired| now.since(fired.at) < DAY);
                self.fired.push(fired);
                let today = self.fired.iter().map(|fired| fired.at);
                let passes = fewest(today.filter(|at| now.since(*at) < DAY.saturating_sub(LATE)), together);
                if passes > most as usize {
                    return broken("I13", format!("{passes} passes of all origins in a day, at least"));
                }
            }
            AcrossOrigins::Gap(gap) => {
                let since = self.fired.last().map(|last| now.since(last.at));
                self.fired = vec![fired];
                if let Some(since) = since.filter(|since| *since > together && *since < gap.saturating_sub(LATE)) {
                    return broken("I13", format!("another origin fires {since:?} after the last one"));
                }
            }
        }
        Ok(())
    }

    /// Whether as much as a day may have was used up, by what was started: the device was woken for that.
    pub(super) fn may_be_used_up(&self, now: WallTime, parameters: &PeriodicParameters) -> bool {
        let (most, for_so_long) = match parameters.across_origins {
            AcrossOrigins::WakeUpsPerDay(most) => (most as usize, DAY),
            AcrossOrigins::Gap(gap) => (1, gap),
        };
        let lately = |at: &&WallTime| now.since(**at) < for_so_long.saturating_add(LATE);
        self.started.iter().filter(lately).count() >= most
    }
}

/// The fewest stretches of this length that hold all these moments.
fn fewest(moments: impl Iterator<Item = WallTime>, length: Duration) -> usize {
    let mut began: Option<WallTime> = None;
    let mut stretches = 0;
    for at in moments {
        if began.is_none_or(|began| at.since(began) > length) {
            began = Some(at);
            stretches += 1;
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> WallTime {
        WallTime::from_unix_ms(minutes * 60_000)
    }

    #[test]
    fn no_more_passes_than_there_must_have_been() {
        let mut params = PeriodicParameters::recommended();
        params.across_origins = AcrossOrigins::WakeUpsPerDay(2);
        let mut passes = Passes::default();
        for minutes in [0, 30, 70, 200, 260] {
            assert_eq!(passes.fired(at(minutes), false, &params), Ok(()), "{minutes}");
        }
        assert!(!passes.may_be_used_up(at(300), &params), "nothing was started");
        [0, 250].into_iter().for_each(|minutes| passes.started(at(minutes)));
        assert!(passes.may_be_used_up(at(300), &params));
        assert!(passes.fired(at(500), false, &params).is_err(), "a third one");
        assert_eq!(passes.fired(at(24 * 60 + 250), false, &params), Ok(()));
    }
}
