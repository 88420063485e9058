//! `register`, `getTags` and `unregister`.

use background_sync::policy::{PermissionState, Refusal, SyncKind};
use background_sync::registration::{MinInterval, StateName, Tag};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{Outcome, RegisterError, Reply, StoreOp, UnregisterError};

use super::{HOUR, call, call_ms, fired, host, hours, register, tags, unregister};
use crate::support::{Host, key, secs};

fn refusal(host: &mut Host) -> Refusal {
    let request = call(host, "news", 1);
    match host.reply(request) {
        Some(Reply::Registered(Err(RegisterError::Refused(refusal)))) => *refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_permission_has_to_be_granted_and_a_window_to_be_open() {
    for state in [PermissionState::Prompt, PermissionState::Denied] {
        let mut host = host();
        host.facts.permission = state;
        assert_eq!(refusal(&mut host), Refusal::PermissionDenied, "{state:?}");
    }
    let mut host = host();
    host.windows(0);
    assert_eq!(refusal(&mut host), Refusal::NoWindow);
    assert_eq!(host.machine.registration_count(), 0);
}

#[test]
fn where_periodic_syncs_are_off_they_are_refused_and_one_shot_ones_are_not() {
    let mut host = Host::with(SyncParameters::private());
    host.facts.permission = PermissionState::Granted;
    assert_eq!(refusal(&mut host), Refusal::SwitchedOff);
    let request = host.register("outbox");
    assert_eq!(host.reply(request), Some(&Reply::Registered(Ok(()))));
}

#[test]
fn a_tag_may_be_both_and_each_list_has_its_own() {
    let mut host = host();
    host.network(NetworkState::Offline);
    host.register("news");
    register(&mut host, "news", 1);
    register(&mut host, "weather", 1);
    let both = [Tag::from("news"), Tag::from("weather")];
    assert_eq!(tags(&mut host, SyncKind::Periodic), both);
    assert_eq!(tags(&mut host, SyncKind::OneShot), both[..1]);
    let request = unregister(&mut host, "news");
    assert_eq!(host.reply(request), Some(&Reply::Unregistered(Ok(()))));
    assert_eq!(tags(&mut host, SyncKind::Periodic), both[1..]);
    assert_eq!(tags(&mut host, SyncKind::OneShot), both[..1]);
}

#[test]
fn the_same_call_again_changes_nothing_and_costs_no_commit_and_another_interval_keeps_the_anchor() {
    let mut host = host();
    register(&mut host, "news", 20);
    let commits = host.commits.len();
    host.run(hours(5));
    register(&mut host, "news", 20);
    assert_eq!(host.commits.len(), commits);
    register(&mut host, "news", 15);
    assert_eq!(host.commits.len(), commits + 1);
    let stored = host.commits.last().unwrap().iter().find_map(|op| match op {
        StoreOp::PutRegistration(stored) => stored.schedule,
        _ => None,
    });
    let view = host.machine.registrations().next().unwrap();
    assert_eq!(stored, view.schedule);
    assert_eq!(view.schedule.unwrap().min_interval, MinInterval::from_ms(15 * HOUR * 1_000));
    host.run(hours(11));
    assert_eq!(fired(&host), [(15.0, "news".to_owned())], "15 h after the first call, not after the second");
}

#[test]
fn an_interval_of_any_length_overflows_nothing() {
    for ms in [0, 1, (1 << 53) - 1, u64::MAX] {
        let mut host = host();
        let request = call_ms(&mut host, "news", ms);
        assert_eq!(host.reply(request), Some(&Reply::Registered(Ok(()))));
        host.run(hours(24 * 400));
        assert_eq!(host.events.is_empty(), ms > 1, "{ms}");
    }
}

#[test]
fn unregistering_what_is_not_there_resolves_and_is_in_call_order() {
    let mut host = host();
    host.commit = false;
    let first = call(&mut host, "news", 1);
    let second = unregister(&mut host, "unknown");
    assert_eq!((host.reply(first), host.reply(second)), (None, None), "calls of a key are answered in their order");
    let third = unregister(&mut host, "news");
    assert_eq!(host.reply(first), Some(&Reply::Registered(Ok(()))));
    assert_eq!(
        (host.reply(second), host.reply(third)),
        (None, None),
        "not before what is on its way is durable: the store might still have either"
    );
    host.commit = true;
    let txn = host.outputs.iter().rev().find_map(|output| match output {
        background_sync::Output::Commit { txn, .. } => Some(*txn),
        _ => None,
    });
    host.send(background_sync::Input::Committed { txn: txn.unwrap() });
    for request in [second, third] {
        assert_eq!(host.reply(request), Some(&Reply::Unregistered(Ok(()))));
    }
}

#[test]
fn what_could_not_be_unregistered_durably_is_said() {
    let mut host = host();
    register(&mut host, "news", 1);
    host.commit = false;
    let request = unregister(&mut host, "news");
    let txn = host.outputs.iter().rev().find_map(|output| match output {
        background_sync::Output::Commit { txn, .. } => Some(*txn),
        _ => None,
    });
    host.send(background_sync::Input::CommitFailed { txn: txn.unwrap() });
    assert_eq!(host.reply(request), Some(&Reply::Unregistered(Err(UnregisterError::Store))));
    assert_eq!(tags(&mut host, SyncKind::Periodic), []);
}

#[test]
fn unregistered_while_its_event_runs_nothing_follows() {
    let mut host = host();
    register(&mut host, "news", 1);
    host.outcomes.push_back(None);
    host.run(hours(12));
    let (_, attempt, _) = host.events[0].clone();
    unregister(&mut host, "news");
    host.send(background_sync::Input::Finished { attempt, outcome: Outcome::Rejected });
    host.run(hours(48));
    assert_eq!(host.events.len(), 1, "no retry, and no next one");
}

#[test]
fn registered_again_while_its_event_runs_it_is_not_tried_again() {
    let mut host = host();
    register(&mut host, "news", 1);
    host.outcomes.push_back(None);
    host.run(hours(12));
    let (_, attempt, _) = host.events[0].clone();
    let state = |host: &Host| host.machine.registrations().next().unwrap().state;
    assert_eq!(state(&host), StateName::Firing);
    register(&mut host, "news", 1);
    assert_eq!(state(&host), StateName::ReregisteredWhileFiring);
    host.send(background_sync::Input::Finished { attempt, outcome: Outcome::Rejected });
    host.run(secs(HOUR));
    assert_eq!(host.events.len(), 1);
    assert_eq!(state(&host), StateName::Pending);
    host.run(hours(12));
    assert_eq!(host.events.len(), 2, "it stays registered");
    assert!(host.machine.registration(&key(), SyncKind::Periodic, &Tag::from("news")).is_some());
}
