use std::time::Duration;

use background_sync::registration::MonotonicTime;
use background_sync::scheduler::{NetworkId, NetworkState, SyncParameters};

/// A link that was up for so long before it went is forgiven.
const STEADY: Duration = Duration::from_secs(300);

/// Everybody's network as it was told, and the hold on a link that flapped.
#[derive(Clone, Debug)]
pub(super) struct Link {
    state: NetworkState,
    epoch: u64,
    up_since: Option<MonotonicTime>,
    /// How long it had been up when it went last; `None` before that.
    was_up_for: Option<Duration>,
    /// The shortest and the longest that the last hold may have been: a link that was up for exactly as long as
    /// is steady may be forgiven or not.
    last_hold: (Duration, Duration),
    held_until: (MonotonicTime, MonotonicTime),
    /// Until when the last wake-up may go on.
    wake_until: MonotonicTime,
    /// The last network that was up and had a name.
    last_named: Option<NetworkId>,
}

/// What a notice changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// Nothing.
    Nothing,
    /// The link is up and was not, or is another one.
    Up,
    /// The link is down and was up.
    Down,
    /// It is down for another reason.
    StillDown,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            state: NetworkState::Unknown,
            epoch: 0,
            up_since: None,
            was_up_for: None,
            last_hold: (Duration::ZERO, Duration::ZERO),
            held_until: (MonotonicTime::ZERO, MonotonicTime::ZERO),
            wake_until: MonotonicTime::ZERO,
            last_named: None,
        }
    }
}

impl Link {
    pub(super) fn notice(
        &mut self,
        now: MonotonicTime,
        state: &NetworkState,
        epoch: u64,
        parameters: &SyncParameters,
    ) -> Notice {
        if epoch < self.epoch {
            return Notice::Nothing;
        }
        self.epoch = epoch;
        let before = std::mem::replace(&mut self.state, state.clone());
        if let Some(name) = state.network_id() {
            self.last_named = Some(name.clone());
        }
        match (before.is_online(), state.is_online()) {
            _ if before == *state => Notice::Nothing,
            (false, true) => {
                if let Some(was_up_for) = self.was_up_for {
                    let (short, long) = self.last_hold;
                    let hold = |doubled, of: Duration| {
                        let longer = if doubled { of.saturating_mul(2) } else { Duration::ZERO };
                        longer.max(parameters.online_hold).min(parameters.online_hold_max)
                    };
                    self.last_hold = (hold(was_up_for < STEADY, short), hold(was_up_for <= STEADY, long));
                    self.held_until = (now.after(self.last_hold.0), now.after(self.last_hold.1));
                }
                if self.wake_until > now {
                    // If the wake-up still goes on the hold is fitted into what is left of it.
                    self.held_until.0 = self.held_until.0.min(now.after(self.wake_until.since(now) / 2));
                }
                self.up_since = Some(now);
                Notice::Up
            }
            (true, true) if before.network_id() == state.network_id() => Notice::Nothing,
            (true, true) => Notice::Up,
            (true, false) => {
                self.was_up_for = self.up_since.map(|since| now.since(since));
                Notice::Down
            }
            (false, false) => Notice::StillDown,
        }
    }

    /// A hold is no longer than half of a wake-up.
    pub(super) fn woken(&mut self, now: MonotonicTime, budget: Duration) {
        self.wake_until = now.after(budget);
        let most = now.after(budget / 2);
        self.held_until = (self.held_until.0.min(most), self.held_until.1.min(most));
    }

    pub(super) fn state(&self) -> &NetworkState {
        &self.state
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(super) fn last_named(&self) -> Option<&NetworkId> {
        self.last_named.as_ref()
    }

    /// Whether the hold on it may last still.
    pub(super) fn may_be_held(&self, now: MonotonicTime) -> bool {
        self.state.is_online() && self.held_until.1 > now
    }

    /// Whether the hold on it lasts beyond doubt.
    pub(super) fn is_held(&self, now: MonotonicTime) -> bool {
        self.state.is_online() && self.held_until.0 > now
    }
}
