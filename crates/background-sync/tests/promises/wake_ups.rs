//! I16: the device is not woken in vain.

use std::time::Duration;

use background_sync::registration::{Now, WallTime};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{Input, Loaded, Machine, Output, StoreOp, WakeToken};

use crate::support::stories::{armed, in_background, offline_host, wake_ups, with};
use crate::support::{Host, secs};

#[test]
fn one_wake_up_brings_one_event_however_quick_the_system_is() {
    for latency in [10, 100, 1_000, 5_000].map(Duration::from_millis) {
        let mut host = in_background(SyncParameters::recommended());
        host.network(NetworkState::online());
        host.run(secs(3));
        let wakes = wake_ups(&mut host, latency, secs(600));
        assert_eq!(host.events.len(), 1);
        assert!(wakes <= 1, "{wakes} wake-ups before one event, from a system that takes {latency:?}");
    }
}

#[test]
fn behind_a_portal_three_wake_ups_an_hour_and_fewer_later() {
    for state in [NetworkState::Captive, NetworkState::Unknown, NetworkState::Offline] {
        let mut host = in_background(SyncParameters::recommended());
        host.network(state.clone());
        let first = wake_ups(&mut host, secs(1), secs(3_600));
        assert!((1..=3).contains(&first), "{state:?}: {first} wake-ups in an hour");
        let day = wake_ups(&mut host, secs(1), secs(86_400));
        assert!(day <= 8, "{state:?}: {day} wake-ups in the day after that");
    }
}

/// The system may end us at `WakeDone`: what it is asked for next counts from the end, and is asked for before.
#[test]
fn the_next_wake_up_is_asked_for_before_this_one_is_done() {
    let mut host = in_background(SyncParameters::recommended());
    host.network(NetworkState::Unknown);
    host.send(Input::Woken { token: WakeToken(1), budget: secs(30) });
    host.run(secs(15));
    host.outputs.clear();
    host.network(NetworkState::Captive);
    let last = host.outputs.iter().filter(|output| matches!(output, Output::ArmWakeUp(_) | Output::WakeDone { .. }));
    let last: Vec<_> = last.collect();
    let [Output::ArmWakeUp(Some(wake_up)), Output::WakeDone { .. }] = last[..] else { panic!("{last:?}") };
    assert_eq!(wake_up.earliest.since(host.clock().wall), secs(15 * 60));
}

#[test]
fn a_clock_set_back_puts_no_wake_up_off_for_longer_than_the_patience() {
    let mut host = in_background(SyncParameters::recommended());
    host.network(NetworkState::Captive);
    wake_ups(&mut host, secs(1), secs(3_600));
    let real = host.clock();
    let wall = WallTime::from_unix_ms(real.wall.unix_ms() - 30 * 86_400_000);
    host.machine.handle(Now { wall, ..real }, Input::Tick);
    let wait = host.machine.next_wakeup().unwrap().earliest.since(wall);
    assert!(wait <= secs(4 * 3_600), "{wait:?}");
}

#[test]
fn what_changes_lets_it_be_woken_soon_again() {
    let mut host = in_background(SyncParameters::recommended());
    host.network(NetworkState::Captive);
    wake_ups(&mut host, secs(1), secs(3_600));
    host.facts.windows.top_level = 1; // a popup, for the call
    let patient = armed(&host).unwrap().earliest.since(host.clock().wall);
    assert!(patient > secs(600), "woken again after {patient:?}, and nothing has changed");
    host.register("another");
    host.run(secs(2));
    assert!(armed(&host).unwrap().earliest <= host.clock().wall, "there is a new reason to hope");
}

#[test]
fn a_wake_up_draws_no_spread_anew() {
    let spread_ends = |wake: bool| {
        let mut host = in_background(SyncParameters::recommended());
        host.network(NetworkState::online());
        host.run(secs(3));
        if wake {
            host.send(Input::Woken { token: WakeToken(1), budget: secs(600) });
        }
        host.run(secs(100));
        host.events[0].0
    };
    assert_eq!(spread_ends(true), spread_ends(false));
}

#[test]
fn a_short_wake_up_still_sees_its_event() {
    for seed in 0..20 {
        let mut host = in_background(SyncParameters::recommended());
        host.run(secs(seed));
        host.network(NetworkState::online());
        host.run(secs(2));
        host.send(Input::Woken { token: WakeToken(1), budget: secs(10) });
        host.run(secs(10));
        assert_eq!(host.events.len(), 1, "spread over a minute, and the wake-up lasts ten seconds");
    }
}

/// A machine of this seed that knows nothing of the network, with something registered and no window.
fn unknown_network(seed: u8) -> Host {
    let mut host = Host::new();
    host.machine = Machine::new(SyncParameters::recommended(), [seed; 32]);
    host.send(Input::Loaded(Loaded::default()));
    host.register("outbox");
    host.windows(0);
    host.run(secs(3));
    host
}

/// Whatever chance says: the second half of a wake-up is for the event itself.
#[test]
fn an_event_starts_in_the_first_half_of_its_wake_up() {
    for (seed, network_first) in (0..20).flat_map(|seed| [(seed, true), (seed, false)]) {
        let mut host = unknown_network(seed);
        if network_first {
            host.network(NetworkState::online());
        }
        host.send(Input::Woken { token: WakeToken(1), budget: secs(20) });
        if !network_first {
            host.network(NetworkState::online());
        }
        host.run(secs(10));
        assert_eq!(host.events.len(), 1, "seed {seed}, the network first: {network_first}");
    }
}

#[test]
fn back_soon_if_the_process_dies_in_mid_event() {
    let mut host = Host::new();
    host.outcomes = [None].into();
    host.register("outbox");
    host.run(secs(1));
    assert_eq!(host.events.len(), 1);
    let armed_before = host.outputs.iter().filter(|output| matches!(output, Output::ArmWakeUp(_))).count();
    for _ in 0..170 {
        host.run(secs(1));
        let back = host.machine.next_wakeup().unwrap().earliest.since(host.clock().wall);
        assert!(back >= secs(180) && back <= secs(360), "back after {back:?}");
    }
    let armed = host.outputs.iter().filter(|output| matches!(output, Output::ArmWakeUp(_))).count();
    assert!(armed - armed_before <= 1, "the system is asked anew {} times", armed - armed_before);
}

#[test]
fn private_waits_wake_nobody() {
    use crate::support::stories::key_of;
    use background_sync::policy::{Partition, PartitionId};
    let mut host = offline_host();
    let key = key_of(Partition::Private(PartitionId(7)), "https://secret.example");
    host.send(crate::support::stories::register(1, key, "t"));
    host.run(secs(100));
    assert_eq!(host.machine.registration_count(), 1);
    assert_eq!(host.machine.next_wakeup(), None);
}

#[test]
fn sleep_writes_what_is_decided() {
    let mut host = Host::new();
    host.register("outbox");
    let before = host.commits.len();
    host.send(Input::Slept);
    assert_eq!(host.commits.len(), before + 1);
}

/// A reply that is on its way for a second, a hold, a spread: none of them is a reason to be woken now.
#[test]
fn no_wake_up_is_asked_for_before_the_event_could_start() {
    let mut host = Host::with(with(|parameters| {
        parameters.first_fire_spread_in_background = secs(60);
        parameters.online_hold = secs(20);
    }));
    host.network(NetworkState::Offline);
    host.register("outbox");
    host.windows(0);
    host.run(secs(5));
    host.network(NetworkState::online());
    let (now, held) = (host.clock().wall, armed(&host).unwrap().earliest);
    assert!(held.since(now) >= secs(19), "the link is held for 20 s: {:?}", held.since(now));
    host.run(secs(21));
    let spread = armed(&host).unwrap().earliest.since(host.clock().wall);
    host.run(spread.saturating_sub(secs(1)));
    assert_eq!(host.events.len(), 0);
    host.run(secs(3));
    assert_eq!(host.events.len(), 1, "the wake-up is for when the spread ends");
}

#[test]
fn a_budget_nobody_uses_any_more_leaves_the_store() {
    let mut host = in_background(SyncParameters::recommended());
    host.network(NetworkState::online());
    host.run(secs(2 * 86_400));
    assert_eq!(host.events.len(), 1);
    assert!(host.commits.iter().flatten().any(|op| matches!(op, StoreOp::RemoveBudget(..))));
    let asked = host.outputs.iter().filter(|output| matches!(output, Output::ArmWakeUp(Some(_)))).count();
    assert!(asked < 10, "{asked} wake-ups asked for over two days for one event");
}
