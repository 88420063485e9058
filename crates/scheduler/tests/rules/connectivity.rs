use std::time::Duration;

use background_sync_registration::MonotonicTime;
use background_sync_scheduler::{Change, Connectivity, NetworkId, NetworkState, SyncParameters};
use proptest::prelude::*;

/// A notice of the oracle.
#[derive(Clone, Debug)]
struct Notice {
    pause: Duration,
    state: NetworkState,
    /// By how much its number is larger than the largest before it: a late one has a smaller number.
    newer_by: i64,
}

fn notice() -> impl Strategy<Value = Notice> {
    let online =
        |name: &str| NetworkState::Online { metered: false, roaming: false, network_id: Some(NetworkId::new(name)) };
    let state = prop_oneof![
        1 => Just(NetworkState::Unknown),
        4 => Just(NetworkState::Offline),
        1 => Just(NetworkState::Captive),
        4 => Just(NetworkState::online()),
        1 => Just(NetworkState::Online { metered: true, roaming: false, network_id: None }),
        1 => Just(online("home")),
        1 => Just(online("café")),
    ];
    let pause = prop_oneof![
        2 => (0_u64..40_000).prop_map(Duration::from_millis),
        2 => (299_999_u64..=300_001).prop_map(Duration::from_millis),
        1 => (0_u64..10_000).prop_map(Duration::from_secs),
    ];
    let newer_by = prop_oneof![8 => Just(1_i64), 1 => 0_i64..5, 1 => -3_i64..0];
    (pause, state, newer_by).prop_map(|(pause, state, newer_by)| Notice { pause, state, newer_by })
}

/// A time in which the link was up. The last one may still last.
#[derive(Clone, Copy, Debug)]
struct Link {
    up: MonotonicTime,
    down: Option<MonotonicTime>,
}

/// All notices that said something, oldest first.
#[derive(Default)]
struct Heard(Vec<(MonotonicTime, NetworkState)>);

impl Heard {
    fn state(&self) -> NetworkState {
        self.0.last().map_or(NetworkState::Unknown, |(_, state)| state.clone())
    }

    fn links(&self) -> Vec<Link> {
        let mut links: Vec<Link> = Vec::new();
        for (at, state) in &self.0 {
            let lasts = links.last_mut().filter(|link| link.down.is_none());
            match (lasts, state.is_online()) {
                (Some(link), false) => link.down = Some(*at),
                (None, true) => links.push(Link { up: *at, down: None }),
                (Some(_), true) | (None, false) => {}
            }
        }
        links
    }

    /// The first link is taken at its word. Each later one is held twice as long as the one before it, within the
    /// bounds; after one that was up for five minutes it begins anew.
    fn hold(&self, params: &SyncParameters) -> Duration {
        let mut hold = Duration::ZERO;
        for pair in self.links().windows(2) {
            let was_up_for = pair[0].down.unwrap().since(pair[0].up);
            let doubled = if was_up_for >= Duration::from_secs(300) { Duration::ZERO } else { hold * 2 };
            hold = doubled.clamp(params.online_hold, params.online_hold_max);
        }
        hold
    }

    /// Until when the link that is up is held, whether or not that is over.
    fn held_until(&self, params: &SyncParameters) -> Option<MonotonicTime> {
        let link = self.links().pop().filter(|link| link.down.is_none())?;
        Some(link.up.after(self.hold(params)))
    }

    /// What a notice changes, before it is added.
    fn change(&self, state: &NetworkState) -> Change {
        let before = self.state();
        match (before.is_online(), state.is_online()) {
            _ if before == *state => Change::Nothing,
            (false, true) if self.links().is_empty() && before == NetworkState::Unknown => Change::FirstOnline,
            (false, true) => Change::CameOnline,
            (true, true) if before.network_id() == state.network_id() => Change::Nothing,
            (true, true) => Change::OtherNetwork,
            (true, false) => Change::WentOffline,
            (false, false) => Change::StillOffline,
        }
    }
}

proptest! {
    /// I4, and our stricter *online*.
    #[test]
    fn i4_a_link_is_up_when_the_last_notice_says_so_and_its_hold_is_over(
        notices in prop::collection::vec(notice(), 1..40),
        base in 0_u64..5, factor in 0_u64..20,
        later in 0_u64..40_000,
    ) {
        let params = SyncParameters::recommended().into_parameters().with(|it| {
it.online_hold = Duration::from_secs(base);
it.online_hold_max = Duration::from_secs(base * factor.max(1));
});
        let mut connectivity = Connectivity::unknown();
        let mut heard = Heard::default();
        let (mut now, mut newest) = (MonotonicTime::ZERO, 0_u64);
        for notice in notices {
            now = now.after(notice.pause);
            let number = newest.saturating_add_signed(notice.newer_by);
            let is_late = number < newest;
            newest = newest.max(number);
            let expected = if is_late { Change::Nothing } else { heard.change(&notice.state) };
            let change = connectivity.notice(notice.state.clone(), number, now, &params);
            prop_assert_eq!(change, expected, "{:?} after {:?}", notice, heard.0);
            if !is_late && heard.state() != notice.state {
                heard.0.push((now, notice.state));
            }
            prop_assert_eq!(connectivity.state(), &heard.state());
            prop_assert_eq!(connectivity.epoch(), newest);
            for at in [now, now.after(Duration::from_millis(later))] {
                let held_until = heard.held_until(&params);
                prop_assert_eq!(connectivity.is_online(at), held_until.is_some_and(|until| until <= at), "{:?}", heard.0);
                let still = held_until.filter(|until| *until > at);
                prop_assert_eq!(connectivity.held_until(at), still, "{:?}", heard.0);
            }
        }
    }
}
