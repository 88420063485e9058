use std::time::Duration;

use background_sync::policy::Facts;
use background_sync::scheduler::NetworkState;

use crate::{Host, Others, Profile};

const DAY: Duration = Duration::from_secs(86_400);
/// One a second is no idle day any more.
const MOST: u64 = 86_400;

/// What a machine does in a day in which nothing happens: its registrations are pending, and there is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdleDay {
    /// Commits it asked for.
    pub commits: u64,
    /// Wake-ups it asked of the system, or took back.
    pub wake_ups: u64,
    /// Deadlines that a running process has to keep for it.
    pub deadlines: u64,
}

impl IdleDay {
    /// Lets the day pass, in virtual time, with so many registrations that were loaded before it began.
    ///
    /// # Panics
    /// When the machine does not come to rest.
    #[must_use]
    pub fn with(registrations: u64) -> Self {
        let mut host = Host::new(Facts::of_an_open_window());
        host.network(NetworkState::Offline);
        let stored = Profile::empty(registrations, Others::Pending).stored(registrations, Others::Pending);
        host.say_and_do(background_sync::Input::Loaded(stored));
        let (commits, wake_ups) = (host.commits(), host.wake_ups());
        let (mut passed, mut deadlines) = (Duration::ZERO, 0);
        while let Some(time) = host.until_deadline().filter(|time| passed + *time < DAY) {
            host.pass(time);
            passed += time;
            deadlines += 1;
            assert!(deadlines < MOST, "the machine comes to rest");
        }
        Self { commits: host.commits() - commits, wake_ups: host.wake_ups() - wake_ups, deadlines }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_done_in_a_day_in_which_nothing_happens() {
        let idle = IdleDay { commits: 0, wake_ups: 0, deadlines: 0 };
        assert_eq!([0, 100].map(IdleDay::with), [idle; 2]);
    }
}
