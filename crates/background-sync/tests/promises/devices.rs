//! Devices that sleep and links that sleep with them: I16, and what is said in which order.

use std::time::Duration;

use background_sync::policy::{SystemRestriction, WindowClients};
use background_sync::registration::Series;
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{Input, NetworkSubject, Outcome, Output, WakeToken};

use crate::support::stories::{armed, host_reloaded, in_background, offline_host, store_of, stored, with};
use crate::support::{Host, origin, secs};

/// One wake-up an iteration: as soon as it may be, the system wakes; `up` happens; then the link goes with sleep.
fn nights(host: &mut Host, time: Duration, budget: Duration, up: impl Fn(&mut Host)) -> u32 {
    let (end, mut wakes) = (host.now + time, 0);
    while host.now < end && host.events.is_empty() {
        host.run(secs(1));
        let due = armed(host).is_some_and(|wake_up| wake_up.earliest <= host.clock().wall);
        if due {
            wakes += 1;
            host.send(Input::Woken { token: WakeToken(u64::from(wakes)), budget });
            up(host);
            host.run(budget);
            host.network(NetworkState::Offline);
        }
    }
    wakes
}

/// The link goes with every sleep and is a portal after every wake-up.
#[test]
fn a_portal_on_a_device_whose_link_sleeps_too_wakes_it_three_times_an_hour() {
    let mut host = in_background(SyncParameters::recommended());
    let wakes = nights(&mut host, secs(3_600), secs(10), |host| host.network(NetworkState::Captive));
    assert!(wakes <= 3, "{wakes} wake-ups in an hour behind a portal");
}

/// The link flapped, and is held for longer than the system lets us run.
#[test]
fn a_hold_that_is_longer_than_a_wake_up_ends_in_time() {
    let mut host = in_background(SyncParameters::recommended());
    for _ in 0..6 {
        host.network(NetworkState::online());
        host.run(Duration::from_millis(100));
        host.network(NetworkState::Offline);
        host.run(Duration::from_millis(100));
    }
    assert!(host.events.is_empty());
    let wakes = nights(&mut host, secs(4 * 3_600), secs(20), |host| host.network(NetworkState::online()));
    assert!(wakes <= 12, "{wakes} wake-ups in four hours, {} events", host.events.len());
}

/// The portal shows itself only when the worker is up.
#[test]
fn a_worker_that_was_started_for_nothing_makes_no_wake_up_worth_it() {
    let mut host = in_background(SyncParameters::recommended());
    host.start = false;
    let wakes = nights(&mut host, secs(3_600), secs(40), |host| {
        host.network(NetworkState::online());
        let end = host.now + secs(39);
        let before = host.outputs.len();
        while host.now < end {
            host.run(secs(1));
            if let Some(Output::Start { attempt, .. }) =
                host.outputs[before..].iter().find(|o| matches!(o, Output::Start { .. }))
            {
                // The portal shows itself when the worker is up.
                let attempt = *attempt;
                host.send(Input::Ready { attempt, facts: host.facts, network: NetworkState::Captive });
                break;
            }
        }
    });
    let starts = host.outputs.iter().filter(|o| matches!(o, Output::Start { .. })).count();
    assert!(wakes <= 3, "{wakes} wake-ups in an hour, {starts} starts, {} events", host.events.len());
}

#[test]
fn no_wake_up_is_asked_for_while_the_system_restricts_background_work() {
    let mut host = in_background(SyncParameters::recommended());
    host.send(Input::RestrictionChanged { restriction: SystemRestriction::Restricted });
    host.facts.restriction = SystemRestriction::Restricted;
    host.network(NetworkState::online());
    host.run(secs(5));
    assert_eq!(armed(&host), None, "nothing can start until the system says so");
}

#[test]
fn a_wake_up_under_a_restriction_is_done_at_once() {
    let mut host = in_background(SyncParameters::recommended());
    host.send(Input::RestrictionChanged { restriction: SystemRestriction::Restricted });
    host.network(NetworkState::online());
    host.run(secs(100));
    host.send(Input::Woken { token: WakeToken(1), budget: secs(30) });
    assert!(host.outputs.contains(&Output::WakeDone { token: WakeToken(1) }), "held for all of its 30 s");
}

#[test]
fn the_process_is_kept_before_the_wake_up_is_called_done() {
    let mut host = in_background(with(|p| {
        p.online_hold = secs(2);
        p.first_fire_spread_in_background = secs(4);
    }));
    host.facts.windows = WindowClients::none();
    host.start = false;
    host.network(NetworkState::online());
    let subject = NetworkSubject::Origin(origin());
    host.send(Input::NetworkChanged { subject, state: NetworkState::online(), epoch: 100 });
    host.send(Input::Woken { token: WakeToken(1), budget: secs(10) });
    host.run(Duration::from_millis(2_000));
    host.outputs.clear();
    host.now += secs(30);
    host.send(Input::Tick);
    let shown: Vec<_> =
        host.outputs.iter().filter(|o| !matches!(o, Output::Event(_) | Output::Commit { .. })).collect();
    let of = |which: fn(&Output) -> bool| host.outputs.iter().position(which);
    let start = of(|o| matches!(o, Output::Start { .. }));
    let keep = of(|o| matches!(o, Output::KeepAlive(true)));
    let done = of(|o| matches!(o, Output::WakeDone { .. }));
    assert!(start.is_some() && keep < done, "{shown:?}");
}

#[test]
fn a_second_wake_up_ends_the_first_when_the_next_one_is_asked_for() {
    let mut host = in_background(SyncParameters::recommended());
    host.network(NetworkState::Unknown);
    host.send(Input::Woken { token: WakeToken(1), budget: secs(30) });
    host.outputs.clear();
    host.send(Input::Woken { token: WakeToken(2), budget: secs(30) });
    let last: Vec<_> =
        host.outputs.iter().filter(|o| matches!(o, Output::ArmWakeUp(_) | Output::WakeDone { .. })).collect();
    assert!(matches!(last[0], Output::ArmWakeUp(_)), "{last:?}");
}

#[test]
fn what_waits_for_another_event_to_end_wakes_nobody_before_that() {
    let mut host = Host::with(with(|p| p.max_concurrent_events_per_origin = 1));
    host.outcomes = [None].into();
    host.register("first");
    host.register("second");
    host.run(secs(5));
    assert_eq!(host.events.len(), 1);
    let earliest = armed(&host).unwrap().earliest;
    assert!(earliest > host.clock().wall, "one runs, and the other can't start: woken now for what?");
    host.network(NetworkState::Offline);
    let attempt = host.events[0].1;
    host.send(Input::Finished { attempt, outcome: Outcome::Fulfilled });
    assert!(armed(&host).is_some(), "the second waits for a network, and nothing is asked of the system");
}

#[test]
fn no_wake_up_outlives_what_it_was_for() {
    let mut host = host_reloaded(&store_of([{
        let mut old = stored(1, "outbox");
        old.series = Series::charged(11);
        old
    }]));
    host.outcomes = [None].into();
    host.network(NetworkState::online());
    host.run(secs(10));
    assert_eq!(host.events.len(), 1);
    host.send(Input::Shutdown);
    assert!(host.machine.is_stopped());
    assert_eq!(host.machine.registration_count(), 0);
    assert_eq!(armed(&host), None, "the device is woken, the engine is started, for nothing");
}

#[test]
fn every_wake_up_is_done_also_by_a_machine_that_has_stopped() {
    let mut host = offline_host();
    host.register("outbox");
    host.send(Input::Shutdown);
    host.send(Input::Woken { token: WakeToken(5), budget: secs(30) });
    host.run(secs(60));
    assert!(host.outputs.contains(&Output::WakeDone { token: WakeToken(5) }));
}
