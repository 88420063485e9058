use background_sync_registration::WallTime;
use serde::{Deserialize, Serialize};

use super::civil::minute_of;

/// How late the operating system wakes the browser when it was asked to: about the point that nine in ten wake-ups do
/// not exceed. One for the whole profile.
///
/// Slots are asked for so much sooner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "u8", into = "u8")]
pub struct WakeUpLateness {
    minutes: u8,
}

/// What is later was held back by something else.
const MOST_MINUTES: u8 = 120;
/// Minutes by which a later wake-up raises the estimate at most, and by which any other lowers it: they balance where
/// one wake-up in nine is later.
const RISES_BY: u8 = 8;
const FALLS_BY: u8 = 1;
/// So late is any timer; a slot has that much room.
const ORDINARY_MINUTES: u8 = 5;

impl WakeUpLateness {
    /// A wake-up was asked for at `asked` and came at `came`. Not to be told where the event had to wait for anything
    /// else, as the network: only the system's own lateness is learnt. One that came too soon, or more than two hours
    /// late, tells nothing.
    pub fn woken(&mut self, asked: WallTime, came: WallTime) {
        let late = minute_of(came) - minute_of(asked);
        let Some(late) = u8::try_from(late).ok().filter(|late| *late <= MOST_MINUTES) else { return };
        if late > self.minutes {
            self.minutes += (late - self.minutes).min(RISES_BY);
        } else {
            self.minutes = self.minutes.saturating_sub(FALLS_BY);
        }
    }

    /// Minutes of lateness to reckon with, at most 120.
    #[must_use]
    pub const fn minutes(self) -> u8 {
        self.minutes
    }

    /// How many minutes sooner to ask.
    pub(super) const fn lead(self) -> i64 {
        self.minutes.saturating_sub(ORDINARY_MINUTES) as i64
    }
}

impl From<u8> for WakeUpLateness {
    /// More than can be learnt counts as the most.
    fn from(minutes: u8) -> Self {
        Self { minutes: minutes.min(MOST_MINUTES) }
    }
}

impl From<WakeUpLateness> for u8 {
    fn from(lateness: WakeUpLateness) -> Self {
        lateness.minutes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(lateness: &mut WakeUpLateness, minutes: i64) {
        lateness.woken(WallTime::from_unix_ms(0), WallTime::from_unix_ms(minutes * 60_000));
    }

    /// Of each hour, minutes in an order that jumps about.
    fn spread(count: i64, below: i64) -> impl Iterator<Item = i64> {
        (0..count).map(move |n| n * 37 % below)
    }

    #[test]
    fn it_comes_to_about_nine_in_ten() {
        let mut lateness = WakeUpLateness::default();
        let mut sum = 0;
        for late in spread(200, 61) {
            after(&mut lateness, late);
        }
        for late in spread(610, 61) {
            after(&mut lateness, late);
            sum += u32::from(lateness.minutes());
        }
        let mean = sum / 610;
        assert!((48..=58).contains(&mean), "of lateness up to an hour it makes {mean} minutes");
    }

    #[test]
    fn punctual_timers_bring_nothing_forward() {
        let mut lateness = WakeUpLateness::default();
        spread(100, 6).for_each(|late| after(&mut lateness, late));
        assert_eq!(lateness.lead(), 0);
    }

    #[test]
    fn what_no_timer_does_tells_nothing() {
        let mut lateness = WakeUpLateness::from(40);
        [-1, 121, i64::from(u32::MAX)].into_iter().for_each(|late| after(&mut lateness, late));
        lateness.woken(WallTime::from_unix_ms(i64::MAX), WallTime::from_unix_ms(i64::MIN));
        lateness.woken(WallTime::from_unix_ms(i64::MIN), WallTime::from_unix_ms(i64::MAX));
        assert_eq!((lateness.minutes(), lateness.lead()), (40, 35));
        assert_eq!(WakeUpLateness::from(u8::MAX).minutes(), MOST_MINUTES);
    }
}
