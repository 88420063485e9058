//! What a start believes: a table of workers that is still empty deletes nothing, and what was forbidden while nobody
//! was told is not started.

use background_sync::policy::{Facts, PermissionState, SyncKind, UserSwitch, WindowClients};
use background_sync::registration::{StoredRegistration, Tag};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{Input, Loaded, Machine, Output, StoreOp, WhyNot, WorkerState};

use crate::support::stories::{facts_of, last_start, loaded, store_of, stored, workers_known};
use crate::support::{Host, key, secs};

use WorkerState::{Active, NoSuchRegistration};

/// A host whose machine reads its store only now, with a network.
fn starting() -> Host {
    let mut host = Host::new();
    host.machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    host.network(NetworkState::online());
    host.outputs.clear();
    host
}

fn outbox_of(state: WorkerState) -> Loaded {
    loaded(&store_of([stored(1, "outbox")]), state)
}

fn known(state: WorkerState) -> Input {
    Input::WorkersKnown { states: vec![(key(), state)] }
}

fn is_registered(host: &Host) -> bool {
    host.machine.registration(&key(), SyncKind::OneShot, &Tag::from("outbox")).is_some()
}

fn why_not(host: &Host) -> Vec<WhyNot> {
    host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("outbox"))
}

fn is_taken_out(host: &Host) -> bool {
    host.commits.iter().flatten().any(|op| matches!(op, StoreOp::RemoveRegistration(_)))
}

fn statuses(host: &Host) -> Vec<String> {
    host.machine.log().flat_map(|entry| entry.metadata.iter().map(ToString::to_string)).collect()
}

fn starts(host: &Host) -> usize {
    host.outputs.iter().filter(|output| matches!(output, Output::Start { .. })).count()
}

#[test]
fn a_host_that_has_not_read_its_workers_deletes_nothing() {
    let mut host = starting();
    host.send(Input::Loaded(outbox_of(NoSuchRegistration)));
    host.send(Input::WorkerChanged { key: key(), state: NoSuchRegistration });
    host.run(secs(3_600));
    assert!(is_registered(&host) && !is_taken_out(&host));
    assert!(why_not(&host).contains(&WhyNot::WorkersNotKnown), "{:?}", why_not(&host));
    assert_eq!(starts(&host), 0);
}

#[test]
fn orphans_go_when_it_has() {
    let mut host = starting();
    host.send(Input::Loaded(outbox_of(NoSuchRegistration)));
    host.send(known(NoSuchRegistration));
    assert!(!is_registered(&host) && is_taken_out(&host));
    assert!(statuses(&host).contains(&"unregistered".to_owned()), "it is logged");
}

#[test]
fn what_it_says_before_the_store_was_read_is_remembered() {
    let mut host = starting();
    host.send(known(Active));
    host.send(Input::Loaded(outbox_of(NoSuchRegistration)));
    host.run(secs(10));
    assert!(!is_registered(&host) && is_taken_out(&host));
}

#[test]
fn what_there_is_after_all_fires() {
    let mut host = starting();
    host.send(Input::Loaded(outbox_of(NoSuchRegistration)));
    host.run(secs(10));
    host.send(known(Active));
    host.run(secs(10));
    assert_eq!(host.events.len(), 1);
}

#[test]
fn a_worker_that_is_there_need_not_wait_for_the_others() {
    let mut host = starting();
    host.send(Input::Loaded(outbox_of(Active)));
    host.run(secs(10));
    assert_eq!(host.events.len(), 1);
}

/// A word before the host knew says nothing, also when the store is read after it knows.
#[test]
fn what_it_could_not_know_does_not_wait_for_the_store() {
    let mut host = starting();
    host.send(Input::WorkerChanged { key: key(), state: NoSuchRegistration });
    host.send(workers_known());
    host.send(Input::Loaded(outbox_of(Active)));
    host.run(secs(10));
    assert_eq!(host.events.len(), 1);
}

#[test]
fn a_worker_of_which_nothing_is_said_is_still_not_gone() {
    let mut host = starting();
    host.send(Input::Loaded(outbox_of(NoSuchRegistration)));
    host.send(workers_known());
    host.run(secs(10));
    assert!(is_registered(&host));
    assert!(why_not(&host).contains(&WhyNot::WorkerNotLoaded), "{:?}", why_not(&host));
}

#[test]
fn to_unregister_is_an_act_and_always_counts() {
    let mut host = starting();
    host.send(Input::Loaded(outbox_of(NoSuchRegistration)));
    host.send(Input::Unregistered { request: None, key: key() });
    assert!(!is_registered(&host) && is_taken_out(&host));
}

/// A worker that was being started turns out not to be there, says a host that does not know yet.
#[test]
fn a_start_that_finds_nobody_deletes_nothing_either() {
    let mut host = starting();
    host.start = false;
    host.send(Input::Loaded(outbox_of(Active)));
    host.run(secs(10));
    let facts = Facts { worker: NoSuchRegistration, ..host.facts };
    let attempt = last_start(&host);
    host.send(Input::Ready { attempt, facts, network: host.network.clone() });
    assert!(is_registered(&host));
    assert!(why_not(&host).contains(&WhyNot::WorkersNotKnown), "{:?}", why_not(&host));
}

#[test]
fn what_was_denied_or_switched_off_meanwhile_is_removed_and_never_started() {
    for (permission, switch, status) in [
        (PermissionState::Denied, UserSwitch::On, "permission revoked"),
        (PermissionState::Granted, UserSwitch::Off, "switched off"),
    ] {
        let mut host = starting();
        let mut contents = outbox_of(Active);
        contents.origins[0].permission.one_shot = permission;
        contents.origins[0].switch.one_shot = switch;
        host.send(workers_known());
        host.send(Input::Loaded(contents));
        host.run(secs(100));
        assert_eq!((starts(&host), is_registered(&host), is_taken_out(&host)), (0, false, true), "{status}");
        assert!(statuses(&host).contains(&status.to_owned()), "{:?}", statuses(&host));
    }
}

/// Each kind has its own permission and its own switch.
#[test]
fn one_kind_is_no_reason_to_remove_the_other() {
    let periodic = StoredRegistration { kind: SyncKind::Periodic, ..stored(2, "news") };
    let contents = |change: fn(&mut Loaded)| {
        let mut contents = loaded(&store_of([stored(1, "outbox"), periodic.clone()]), Active);
        contents.origins = vec![facts_of(WindowClients::none())];
        change(&mut contents);
        let mut host = starting();
        host.network(NetworkState::Offline);
        host.send(Input::Loaded(contents));
        host.machine.registrations().map(|view| view.kind).collect::<Vec<_>>()
    };
    assert_eq!(contents(|_| ()), SyncKind::ALL);
    assert_eq!(contents(|c| c.origins[0].permission.one_shot = PermissionState::Denied), [SyncKind::Periodic]);
    // A periodic sync needs more than not to be denied.
    assert_eq!(contents(|c| c.origins[0].permission.periodic = PermissionState::Prompt), [SyncKind::OneShot]);
    assert_eq!(contents(|c| c.origins[0].switch.periodic = UserSwitch::Off), [SyncKind::OneShot]);
    assert_eq!(contents(|c| c.origins.clear()), SyncKind::ALL, "of an origin nobody speaks of nothing is removed");
}
