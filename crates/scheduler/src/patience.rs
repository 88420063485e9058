use std::time::Duration;

use background_sync_registration::WallTime;

/// A wake-up without an event is followed by the next no sooner than this; doubles.
const FIRST: Duration = Duration::from_secs(15 * 60);
/// Longest such wait.
const LAST: Duration = Duration::from_secs(4 * 3_600);

/// A wake-up may come this much later than asked for, so that the system can put several together.
const SLACK: Duration = Duration::from_secs(15 * 60);
/// For this long, or half of its time, a wake-up waits for the network that the system woke us for.
const NETWORK: Duration = Duration::from_secs(10);

/// The latest moment for a wake-up that is asked for at `earliest`: the system may put several together.
#[must_use]
pub fn latest_wake_up(earliest: WallTime) -> WallTime {
    earliest.after(SLACK)
}

/// How long a wake-up of this length waits for the network that the system woke us for.
#[must_use]
pub fn network_patience(wake_up: Duration) -> Duration {
    NETWORK.min(wake_up / 2)
}

/// I16: the device is not woken in vain. After wake-ups that brought nothing the next one waits, longer each time,
/// until something has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WakePatience {
    /// Wake-ups in a row without an event.
    in_vain: u32,
    /// Until when the next one waits for that.
    not_before: Option<WallTime>,
}

impl WakePatience {
    /// There is a new reason to hope.
    #[inline]
    pub fn something_changed(&mut self) {
        *self = Self::default();
    }

    /// A wake-up begins. Should the process be killed in the middle of it, it was in vain.
    pub fn begin(&mut self, now: WallTime) {
        self.not_before = Some(now.after(wait_after(self.in_vain.saturating_add(1))));
    }

    /// A wake-up ended without an event.
    pub fn in_vain(&mut self, now: WallTime) {
        self.in_vain = self.in_vain.saturating_add(1);
        self.not_before = Some(now.after(wait_after(self.in_vain)));
    }

    /// Until when the next wake-up has to wait, whatever the wall clock does.
    #[must_use]
    #[inline]
    pub fn floor(&self, now: WallTime) -> WallTime {
        self.not_before.map_or(now, |at| at.min(now.after(LAST)))
    }
}

fn wait_after(in_vain: u32) -> Duration {
    FIRST.saturating_mul(2_u32.saturating_pow(in_vain.saturating_sub(1).min(10))).min(LAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wake_up_has_time_to_come_and_waits_for_its_network_for_half_of_its_own() {
        let secs = Duration::from_secs;
        assert_eq!(latest_wake_up(WallTime::from_unix_ms(5)).unix_ms(), 900_005);
        assert_eq!([8, 20, 60].map(|wake_up| network_patience(secs(wake_up))), [4, 10, 10].map(secs));
    }

    #[test]
    fn each_wake_up_in_vain_doubles_the_wait_until_something_changes() {
        let now = WallTime::from_unix_ms(0);
        let mut patience = WakePatience::default();
        assert_eq!(patience.floor(now), now);
        let minutes: Vec<_> = (0..7)
            .map(|_| {
                patience.begin(now);
                patience.in_vain(now);
                patience.floor(now).since(now).as_secs() / 60
            })
            .collect();
        assert_eq!(minutes, [15, 30, 60, 120, 240, 240, 240]);
        let set_back = WallTime::from_unix_ms(-1_000_000_000);
        assert_eq!(patience.floor(set_back).since(set_back), LAST, "a clock set back makes it no longer");
        patience.something_changed();
        assert_eq!(patience.floor(now), now);
    }
}
