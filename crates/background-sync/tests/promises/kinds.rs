//! Two kinds of sync under one roof: what is said of one says nothing of the other.

use background_sync::policy::{PermissionState, SyncKind, UserSwitch};
use background_sync::registration::{Sequence, StoredRegistration, StoredState, Tag};
use background_sync::scheduler::{NetworkState, ValidParameters};
use background_sync::{ClearedScope, Input, Loaded, Machine, Output, Reply, RequestId, StoreOp, WhyNot, WorkerState};

use crate::support::stories::offline_host;
use crate::support::{Host, PROFILE, key, origin, secs};

const DAY: u64 = 86_400;

/// Of an engine that runs none, because it was built without them or has them switched off.
fn without_periodic_syncs(params: &ValidParameters) -> ValidParameters {
    #[cfg(feature = "periodic")]
    return params.clone().into_parameters().with(|it| it.periodic.enabled = false).validated().unwrap();
    #[cfg(not(feature = "periodic"))]
    return params.clone();
}

/// A machine whose store holds the tag `news` twice: a one-shot sync, and a periodic one in mid-event.
fn both() -> Host {
    let mut host = offline_host();
    host.register("news");
    let stored = |op: &StoreOp| match op {
        StoreOp::PutRegistration(stored) => Some(stored.clone()),
        _ => None,
    };
    let one_shot = host.commits.iter().flatten().find_map(stored).unwrap();
    let periodic = StoredRegistration {
        kind: SyncKind::Periodic,
        sequence: Sequence(2),
        state: StoredState::Firing(false),
        ..one_shot.clone()
    };
    host.machine = Machine::new(without_periodic_syncs(host.machine.parameters()), [7; 32]);
    host.commits.clear();
    host.network(NetworkState::Offline);
    host.send(Input::Loaded(Loaded {
        registrations: vec![one_shot, periodic],
        worker_states: vec![(key(), WorkerState::Active)],
        ..Loaded::default()
    }));
    host
}

fn kinds(host: &Host) -> Vec<SyncKind> {
    host.machine.registrations().map(|view| view.kind).collect()
}

fn tags(host: &mut Host, kind: SyncKind) -> Vec<Tag> {
    let request = RequestId(1_000 + host.replies.len() as u64);
    host.send(Input::GetTags { request, key: key(), kind });
    match host.reply(request) {
        Some(Reply::Tags(Ok(tags))) => tags.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_periodic_registration_is_kept_and_listed_and_not_run() {
    let mut host = both();
    assert_eq!(kinds(&host), SyncKind::ALL);
    for kind in SyncKind::ALL {
        assert_eq!(tags(&mut host, kind), [Tag::from("news")]);
    }
    host.network(NetworkState::online());
    host.run(secs(40 * DAY));
    assert_eq!(host.events.iter().map(|(_, _, event)| event.kind).collect::<Vec<_>>(), [SyncKind::OneShot]);
    assert_eq!(kinds(&host), [SyncKind::Periodic], "no age takes it away");
    let why_not = host.machine.why_not(&key(), SyncKind::Periodic, &Tag::from("news"));
    assert_eq!(why_not, [WhyNot::KindNotRun]);
}

#[test]
fn a_rewrite_holds_it_as_it_was() {
    let mut host = both();
    host.commit = false;
    host.register("other");
    let txn = host.outputs.iter().rev().find_map(|output| match output {
        Output::Commit { txn, .. } => Some(*txn),
        _ => None,
    });
    host.commit = true;
    host.send(Input::ContentsLost { txn: txn.unwrap() });
    host.run(secs(5));
    let rewritten = host.commits.last().unwrap();
    let periodic = rewritten.iter().find_map(|op| match op {
        StoreOp::PutRegistration(stored) if stored.kind == SyncKind::Periodic => Some(stored.state),
        _ => None,
    });
    assert_eq!(periodic, Some(StoredState::Firing(false)));
}

#[test]
fn a_permission_is_one_of_a_kind() {
    for (kind, state, left) in [
        (SyncKind::OneShot, PermissionState::Denied, vec![SyncKind::Periodic]),
        (SyncKind::OneShot, PermissionState::Prompt, SyncKind::ALL.to_vec()),
        (SyncKind::Periodic, PermissionState::Denied, vec![SyncKind::OneShot]),
        (SyncKind::Periodic, PermissionState::Prompt, vec![SyncKind::OneShot]),
        (SyncKind::Periodic, PermissionState::Granted, SyncKind::ALL.to_vec()),
    ] {
        let mut host = both();
        host.send(Input::PermissionChanged { request: None, partition: PROFILE, origin: origin(), kind, state });
        assert_eq!(kinds(&host), left, "{kind:?} {state:?}");
    }
}

#[test]
fn a_switch_is_one_of_a_kind() {
    for origin in [None, Some((PROFILE, origin()))] {
        let mut host = both();
        let off = Input::UserSwitch { request: None, origin, kind: SyncKind::Periodic, switch: UserSwitch::Off };
        host.send(off);
        assert_eq!(kinds(&host), [SyncKind::OneShot]);
        let request = host.register("more");
        assert_eq!(host.reply(request), Some(&Reply::Registered(Ok(()))), "one-shot syncs are on");
    }
}

#[test]
fn words_about_kinds_that_came_while_the_store_was_read_are_kept_apart() {
    let mut host = offline_host();
    host.machine = Machine::new(host.machine.parameters().clone(), [7; 32]);
    for kind in SyncKind::ALL {
        host.send(Input::UserSwitch { request: None, origin: None, kind, switch: UserSwitch::Off });
    }
    host.send(Input::UserSwitch { request: None, origin: None, kind: SyncKind::OneShot, switch: UserSwitch::On });
    host.send(Input::Loaded(Loaded { worker_states: vec![(key(), WorkerState::Active)], ..Loaded::default() }));
    let request = host.register("a");
    assert_eq!(host.reply(request), Some(&Reply::Registered(Ok(()))));
}

#[test]
fn a_cancellation_is_of_one_kind_and_clearing_is_of_both() {
    let mut host = both();
    let (request, tag) = (RequestId(900), Tag::from("news"));
    host.send(Input::Cancel { request, key: key(), kind: SyncKind::Periodic, tag });
    assert_eq!(host.reply(request), Some(&Reply::Cancelled(Ok(true))));
    assert_eq!(kinds(&host), [SyncKind::OneShot]);

    let mut host = both();
    host.send(Input::DataCleared { request: None, scope: ClearedScope::Key(key()), since: None });
    assert_eq!(kinds(&host), []);
}

#[test]
fn the_log_says_which_kind() {
    let mut host = both();
    host.send(Input::DataCleared { request: None, scope: ClearedScope::Key(key()), since: None });
    let cleared: Vec<_> = host.machine.log().filter(|entry| entry.instance.is_some()).map(|entry| entry.kind).collect();
    assert_eq!(cleared, [Some(SyncKind::OneShot), Some(SyncKind::Periodic)]);
}
