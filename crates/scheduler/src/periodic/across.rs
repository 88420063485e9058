use std::collections::VecDeque;
use std::time::Duration;

use background_sync_registration::WallTime;
use serde::{Deserialize, Serialize};

use super::PeriodicParameters;

const DAY: Duration = Duration::from_secs(86_400);

/// How often anything periodic may fire at all, whichever origin it is of (`periodic.const.across`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AcrossOrigins {
    /// So many times in a rolling day. What is due at about the same time fires together and counts once.
    WakeUpsPerDay(u32),
    /// The specification's one barrier: this long after any origin has fired none does. Where there are many origins it
    /// starves most of them.
    Gap(Duration),
}

/// When something periodic fired, over all origins: `periodic.process.1.1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Across {
    /// Newest last, as many as count.
    fired: VecDeque<Fire>,
    /// When an origin was last judged to be due, whether or not anything came of it yet.
    judged: Option<WallTime>,
}

/// A wake-up in which something fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fire {
    at: WallTime,
    /// Of private partitions only: of it nothing is stored (I12).
    is_private: bool,
}

impl Across {
    /// From when on something may fire again. What is due so soon after the last time that it shares that one's
    /// wake-up fires with it.
    #[must_use]
    pub fn earliest(&self, params: &PeriodicParameters) -> Option<WallTime> {
        match params.across_origins {
            AcrossOrigins::WakeUpsPerDay(most) => {
                let nth = self.fired.len().checked_sub(most.max(1) as usize)?;
                self.fired.get(nth).map(|fire| fire.at.after(DAY))
            }
            AcrossOrigins::Gap(gap) => self.last().map(|at| at.after(gap)),
        }
    }

    /// An origin is judged to be due: what is due about now goes with it.
    pub fn judged(&mut self, now: WallTime) {
        self.judged = Some(now);
    }

    /// Whether something that is due now shares a wake-up with what fired, or was judged, last.
    #[must_use]
    pub fn is_shared(&self, now: WallTime, params: &PeriodicParameters) -> bool {
        is_near(self.last().max(self.judged), now, params)
    }

    fn last(&self) -> Option<WallTime> {
        self.fired.back().map(|fire| fire.at)
    }

    /// A worker is started for something now. What shares the wake-up of another start does not count. Says whether there
    /// is something to store.
    pub fn fired(&mut self, now: WallTime, is_private: bool, params: &PeriodicParameters) -> bool {
        if let Some(last) = self.fired.back_mut().filter(|last| is_near(Some(last.at), now, params)) {
            let is_news = last.is_private && !is_private;
            last.is_private &= is_private;
            return is_news;
        }
        let kept = match params.across_origins {
            AcrossOrigins::WakeUpsPerDay(most) => most.max(1) as usize,
            AcrossOrigins::Gap(_) => 1,
        };
        self.fired.push_back(Fire { at: now, is_private });
        while self.fired.len() > kept {
            self.fired.pop_front();
        }
        !is_private
    }

    /// The clock was set back: what lies in the future counts as of now.
    pub fn no_later_than(&mut self, now: WallTime) {
        let fired = self.fired.iter_mut().map(|fire| &mut fire.at);
        fired.chain(&mut self.judged).for_each(|at| *at = (*at).min(now));
    }

    /// What is stored of it: when something of the profile fired, oldest first.
    #[must_use]
    pub fn to_stored(&self) -> Vec<WallTime> {
        self.fired.iter().filter(|fire| !fire.is_private).map(|fire| fire.at).collect()
    }

    /// Takes it up again.
    #[must_use]
    pub fn restored(mut fired: Vec<WallTime>, now: WallTime, params: &PeriodicParameters) -> Self {
        fired.sort_unstable();
        let mut across = Self::default();
        for at in fired {
            across.fired.push_back(Fire { at: at.min(now), is_private: false });
        }
        let kept = match params.across_origins {
            AcrossOrigins::WakeUpsPerDay(most) => most.max(1) as usize,
            AcrossOrigins::Gap(_) => 1,
        };
        while across.fired.len() > kept {
            across.fired.pop_front();
        }
        across
    }
}

fn is_near(last: Option<WallTime>, now: WallTime, params: &PeriodicParameters) -> bool {
    last.is_some_and(|last| last <= now && now.since(last) <= params.batch_window)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn at(minutes: i64) -> WallTime {
        WallTime::from_unix_ms(minutes * MINUTE)
    }

    #[test]
    fn so_many_wake_ups_in_a_rolling_day_and_what_comes_together_counts_once() {
        let params = PeriodicParameters::recommended();
        let mut across = Across::default();
        for n in 0..12 {
            assert_eq!(across.earliest(&params), None, "{n}");
            assert!(across.fired(at(n * 60), false, &params));
            assert!(!across.fired(at(n * 60 + 15), false, &params), "it shares that wake-up");
        }
        assert_eq!(across.earliest(&params), Some(at(24 * 60)));
        assert!(across.is_shared(at(11 * 60 + 15), &params));
        assert!(!across.is_shared(at(11 * 60 + 16), &params));
        across.judged(at(13 * 60));
        assert_eq!(across.earliest(&params), Some(at(24 * 60)), "nothing was started");
        assert!(across.is_shared(at(13 * 60 + 15), &params), "and what is due then goes with it");
        assert!(across.fired(at(24 * 60), false, &params));
        assert_eq!(across.earliest(&params), Some(at(25 * 60)), "the next one to be a day old");
        let again = Across::restored(across.to_stored(), at(24 * 60), &params);
        assert_eq!(again.to_stored(), across.to_stored());
    }

    #[test]
    fn the_one_barrier_of_the_text_and_a_clock_set_back() {
        let mut params = PeriodicParameters::recommended();
        params.across_origins = AcrossOrigins::Gap(Duration::from_secs(12 * 3_600));
        let mut across = Across::default();
        across.fired(at(1_000), false, &params);
        assert_eq!(across.earliest(&params), Some(at(1_720)));
        across.no_later_than(at(0));
        assert_eq!(across.earliest(&params), Some(at(720)));
    }

    #[test]
    fn of_a_private_partition_nothing_is_stored_unless_the_profile_shares_its_wake_up() {
        let params = PeriodicParameters::recommended();
        let mut across = Across::default();
        assert!(!across.fired(at(0), true, &params));
        assert_eq!(across.to_stored(), []);
        assert!(across.fired(at(5), false, &params), "the day has had a wake-up that has to be remembered");
        assert!(!across.fired(at(10), true, &params));
        assert_eq!(across.to_stored(), [at(0)]);
    }
}
