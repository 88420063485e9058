use std::time::Duration;

use background_sync_registration::MonotonicTime;

use crate::{NetworkState, SyncParameters};

/// How long a link must stay up before what came before it is forgiven.
const STEADY: Duration = Duration::from_secs(300);

/// Our stricter *online* (`sync.def.online`): the oracle's word, held back for a moment after a flap.
///
/// A link that went away and came back is held for [`SyncParameters::online_hold`]; each further flap
/// doubles the hold, up to [`SyncParameters::online_hold_max`]; five minutes of steady link forgive. Only the time
/// that the link was up counts: a link that was gone for long has not shown that it is steady.
#[derive(Clone, Debug)]
pub struct Connectivity {
    state: NetworkState,
    epoch: u64,
    /// Whether the link has ever been up: only then is its return a flap.
    seen_online: bool,
    last_hold: Duration,
    /// When the link came up last.
    up_since: MonotonicTime,
    /// Whether it then stayed up long enough for the next hold to begin anew. Known when it goes down.
    forgiven: bool,
    held_until: MonotonicTime,
}

/// What a notice of the oracle changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The notice is older than one already seen, or says the same again.
    Nothing,
    /// The link is up, and that is the first thing known about it.
    FirstOnline,
    /// The link is up now and was not (`sync.online`).
    CameOnline,
    /// The link was up all along, and is another network now.
    OtherNetwork,
    /// The link is no longer up.
    WentOffline,
    /// Not online before or after; the reason differs.
    StillOffline,
}

impl Connectivity {
    /// Before the oracle has spoken.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            state: NetworkState::Unknown,
            epoch: 0,
            seen_online: false,
            last_hold: Duration::ZERO,
            up_since: MonotonicTime::ZERO,
            forgiven: false,
            held_until: MonotonicTime::ZERO,
        }
    }

    /// Takes a notice of the oracle. `epoch` grows with every notice; an older one is late and says
    /// nothing.
    pub fn notice(&mut self, state: NetworkState, epoch: u64, now: MonotonicTime, params: &SyncParameters) -> Change {
        if epoch < self.epoch || state == self.state {
            self.epoch = self.epoch.max(epoch);
            return Change::Nothing;
        }
        self.epoch = epoch;
        let change = match (self.state.is_online(), state.is_online()) {
            (false, true) => {
                let first = !self.seen_online && self.state == NetworkState::Unknown;
                self.hold(now, params);
                if first { Change::FirstOnline } else { Change::CameOnline }
            }
            (true, true) if self.state.network_id() == state.network_id() => Change::Nothing,
            (true, true) => Change::OtherNetwork,
            (true, false) => {
                self.forgiven = now.since(self.up_since) >= STEADY;
                Change::WentOffline
            }
            (false, false) => Change::StillOffline,
        };
        self.state = state;
        change
    }

    fn hold(&mut self, now: MonotonicTime, params: &SyncParameters) {
        if self.seen_online {
            let longer = if self.forgiven { Duration::ZERO } else { self.last_hold.saturating_mul(2) };
            self.last_hold = longer.max(params.online_hold).min(params.online_hold_max);
            self.held_until = now.after(self.last_hold);
        }
        self.seen_online = true;
        self.up_since = now;
    }

    /// Shortens a hold that lasts, to `most` from now on.
    pub fn hold_at_most(&mut self, now: MonotonicTime, most: Duration) {
        self.held_until = self.held_until.min(now.after(most));
    }

    /// Whether events may start now.
    #[must_use]
    #[inline]
    pub fn is_online(&self, now: MonotonicTime) -> bool {
        self.state.is_online() && self.held_until <= now
    }

    /// When the hold of a link that is up will end, if it has not.
    #[must_use]
    #[inline]
    pub fn held_until(&self, now: MonotonicTime) -> Option<MonotonicTime> {
        (self.state.is_online() && self.held_until > now).then_some(self.held_until)
    }

    /// The oracle's last word.
    #[must_use]
    #[inline]
    pub fn state(&self) -> &NetworkState {
        &self.state
    }

    /// The number of the oracle's last notice.
    #[must_use]
    #[inline]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> MonotonicTime {
        MonotonicTime::from_start(Duration::from_secs(seconds))
    }

    struct Link {
        connectivity: Connectivity,
        params: crate::ValidParameters,
        epoch: u64,
    }

    impl Link {
        fn new() -> Self {
            Self { connectivity: Connectivity::unknown(), params: SyncParameters::recommended(), epoch: 0 }
        }

        fn set(&mut self, state: NetworkState, seconds: u64) -> Change {
            self.epoch += 1;
            self.connectivity.notice(state, self.epoch, at(seconds), &self.params)
        }
    }

    #[test]
    fn the_first_link_is_not_held_and_later_ones_longer_and_longer() {
        let mut link = Link::new();
        assert!(!link.connectivity.is_online(at(0)), "nothing is known yet");
        assert_eq!(link.set(NetworkState::online(), 1), Change::FirstOnline);
        assert!(link.connectivity.is_online(at(1)));
        let mut holds = Vec::new();
        for n in 0..6 {
            let t = 10 + n * 40;
            assert_eq!(link.set(NetworkState::Offline, t), Change::WentOffline);
            link.set(NetworkState::online(), t + 1);
            holds.push(link.connectivity.held_until(at(t + 1)).unwrap().since(at(t + 1)).as_secs());
        }
        assert_eq!(holds, [2, 4, 8, 16, 30, 30]);
    }

    #[test]
    fn five_steady_minutes_forgive() {
        let mut link = Link::new();
        link.set(NetworkState::online(), 0);
        link.set(NetworkState::Offline, 10);
        link.set(NetworkState::online(), 11);
        link.set(NetworkState::Offline, 400);
        link.set(NetworkState::online(), 401);
        assert!(!link.connectivity.is_online(at(402)));
        assert!(link.connectivity.is_online(at(403)));
    }

    #[test]
    fn minutes_without_a_link_forgive_nothing() {
        let mut link = Link::new();
        link.set(NetworkState::online(), 0);
        let mut t = 9;
        for hold in [2, 4, 8, 16] {
            link.set(NetworkState::Offline, t);
            let up = t + 360;
            link.set(NetworkState::online(), up);
            assert_eq!(link.connectivity.held_until(at(up)), Some(at(up + hold)));
            t = up + 9;
        }
    }

    #[test]
    fn captive_and_unknown_are_not_online_and_late_notices_say_nothing() {
        let mut link = Link::new();
        assert_eq!(link.set(NetworkState::Captive, 1), Change::StillOffline);
        assert!(!link.connectivity.is_online(at(2)));
        link.set(NetworkState::online(), 3);
        let late = link.connectivity.notice(NetworkState::Offline, 1, at(4), &link.params);
        assert_eq!(late, Change::Nothing);
        assert!(link.connectivity.is_online(at(4)));
    }
}
