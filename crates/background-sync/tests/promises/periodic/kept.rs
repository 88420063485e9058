//! What a restart keeps.

use background_sync::policy::{PermissionState, SyncKind, UserSwitch};
use background_sync::registration::{MonotonicTime, Now, WallTime};
use background_sync::scheduler::NetworkState;
use background_sync::{ClearedScope, Input, Loaded, Machine, MemoryStore, Outcome, StoreOp, WorkerState};
use background_sync_scheduler::PeriodicProfile;

use super::{exact, host, hours, register, visit};
use crate::support::stories::{durable, loaded};
use crate::support::{Host, PROFILE, key, origin, secs};

/// The same host after a crash: what is durable is there, and the clocks go on.
fn crashed(host: &Host) -> Host {
    let store = durable(host);
    restarted(host, &store)
}

fn restarted(before: &Host, store: &MemoryStore) -> Host {
    let mut host = Host::with(exact().validated().unwrap());
    host.facts = before.facts;
    host.now = before.now;
    host.machine = Machine::new(exact().validated().unwrap(), [1; 32]);
    host.send(Input::WorkersKnown { states: Vec::new() });
    host.send(Input::Loaded(Loaded { ..loaded(store, WorkerState::Active) }));
    host.network(host.network.clone());
    host.events.clear();
    host
}

#[test]
fn interval_anchor_and_last_event_survive() {
    let mut host = host();
    register(&mut host, "news", 20);
    host.run(hours(5));
    let mut next = crashed(&host);
    next.run(hours(14));
    assert_eq!(next.events, [], "19 hours");
    next.run(hours(2));
    assert_eq!(next.events.len(), 1);
    let mut again = crashed(&next);
    again.run(hours(17));
    assert_eq!(again.events, [], "its origin's last event was written");
    again.run(hours(4));
    assert_eq!(again.events.len(), 1);
}

#[test]
fn an_event_in_which_the_process_died_does_not_fire_again_at_once() {
    let mut host = host();
    register(&mut host, "news", 1);
    host.outcomes.push_back(None);
    host.run(hours(12));
    assert_eq!(host.events.len(), 1);
    let mut next = crashed(&host);
    next.run(hours(11));
    assert_eq!(next.events, [], "what crashes has fired");
    next.run(hours(2));
    assert_eq!(next.events.len(), 1);
}

#[test]
fn a_retry_that_was_to_come_is_left_to_the_next_turn() {
    let mut host = host();
    register(&mut host, "news", 1);
    host.outcomes.push_back(Some(Outcome::Rejected));
    host.run(hours(12));
    host.run(secs(10));
    let mut next = crashed(&host);
    next.run(hours(11));
    assert_eq!(next.events, []);
    next.run(hours(2));
    assert_eq!(next.events.len(), 1);
}

#[test]
fn visits_are_written_with_what_is_written_next_and_forgotten_with_the_last_registration() {
    let mut host = host();
    register(&mut host, "news", 1);
    let commits = host.commits.len();
    for _ in 0..5 {
        host.run(hours(24));
        visit(&mut host);
    }
    let with_visits = host.commits[commits..].iter().flatten().filter_map(|op| match op {
        StoreOp::PutBudget(budget) => Some(budget.periodic.len()),
        _ => None,
    });
    let most = with_visits.max().unwrap();
    assert!(most > 300, "{most} bytes: the histogram");
    // Whatever was learnt is in the store by then, and nothing else waits to be written.
    host.send(Input::Slept);
    host.send(Input::Woke);
    super::unregister(&mut host, "news");
    host.run(secs(10));
    let last = host.commits.iter().flatten().rev().find_map(|op| match op {
        StoreOp::PutBudget(budget) => Some(budget.periodic.len()),
        _ => None,
    });
    assert!(last.unwrap() < 100, "{last:?} bytes: when it fired, and no visit");
}

#[test]
fn a_clock_set_back_costs_one_interval_and_one_set_forward_loses_none() {
    let mut host = host();
    register(&mut host, "news", 1);
    host.run(hours(1));
    let set = |host: &mut Host, hours: i64| {
        let now = host.clock();
        let wall = WallTime::from_unix_ms(now.wall.unix_ms() + hours * 3_600_000);
        let monotonic = MonotonicTime::from_start(host.now + secs(1));
        host.now += secs(1);
        host.machine.handle(Now { monotonic, wall }, Input::Tick);
        host.machine.check_invariants().unwrap();
    };
    set(&mut host, -10_000);
    let until = host.machine.next_deadline().unwrap().since_start();
    assert!(until <= host.now + hours(12), "{until:?}");
    set(&mut host, 10_000);
}

/// How much was stored of the site last, and whether what was stored of the profile says when the device is there.
fn learnt(host: &Host) -> (usize, bool) {
    let ops = || host.commits.iter().flatten().rev();
    let of_site = ops().find_map(|op| match op {
        StoreOp::PutBudget(budget) => Some(budget.periodic.len()),
        _ => None,
    });
    let of_profile = ops().find_map(|op| match op {
        StoreOp::PutProfile(profile) => Some(&profile.periodic),
        _ => None,
    });
    let mut profile = PeriodicProfile::default();
    let params = exact().periodic;
    profile.restore(of_profile.unwrap(), host.clock().wall, &params).unwrap();
    (of_site.unwrap(), profile.availability().has_learnt())
}

/// A site of which visits are known, on a device that is without a network at night.
fn with_habits() -> Host {
    let mut host = host();
    register(&mut host, "news", 1);
    for _ in 0..8 {
        host.run(hours(14));
        visit(&mut host);
        host.network(NetworkState::Offline);
        host.run(hours(10));
        host.network(NetworkState::online());
    }
    // What was learnt is brought along.
    register(&mut host, "weather", 1);
    let (of_site, of_profile) = learnt(&host);
    assert!(of_site > 300 && of_profile, "{of_site} bytes of the site; of the profile: {of_profile}");
    host
}

/// Its name, and what it does.
type Way<'a> = (&'a str, &'a dyn Fn(&mut Host));

#[test]
fn with_the_last_registration_goes_what_is_known_of_visits_and_of_when_the_device_is_there() {
    let unregistered = |host: &mut Host| {
        super::unregister(host, "news");
        assert!(learnt(host).0 > 300 && learnt(host).1, "there is another one");
        super::unregister(host, "weather");
    };
    let cleared = |host: &mut Host| {
        let scope = ClearedScope::Origin(PROFILE, origin());
        host.send(Input::DataCleared { request: None, scope, since: None });
    };
    let revoked = |host: &mut Host| {
        let (partition, origin) = (PROFILE, origin());
        let (kind, state) = (SyncKind::Periodic, PermissionState::Prompt);
        host.send(Input::PermissionChanged { request: None, kind, partition, origin, state });
    };
    let switched_off = |host: &mut Host| {
        let origin = Some((PROFILE, origin()));
        host.send(Input::UserSwitch { request: None, kind: SyncKind::Periodic, origin, switch: UserSwitch::Off });
    };
    let worker_gone = |host: &mut Host| host.send(Input::Unregistered { request: None, key: key() });
    let ways: [Way<'_>; 5] = [
        ("unregistered", &unregistered),
        ("cleared", &cleared),
        ("revoked", &revoked),
        ("switched off", &switched_off),
        ("the worker is gone", &worker_gone),
    ];
    for (way, takes_away) in ways {
        let mut host = with_habits();
        takes_away(&mut host);
        host.run(secs(10));
        let (of_site, of_profile) = learnt(&host);
        assert!(of_site < 100, "{way}: {of_site} bytes: when it fired, and no visit");
        assert!(!of_profile, "{way}: no table of when the device is there");
    }
}
