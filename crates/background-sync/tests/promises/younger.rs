//! Calls that only make a registration younger cost no write, and what the store then does not know.

use background_sync::policy::SyncKind;
use background_sync::registration::{Now, Tag, WallTime};
use background_sync::scheduler::{NetworkId, NetworkMode, NetworkState};
use background_sync::{ClearedScope, Input, Outcome, Output, RegisterError, Reply, StoreOp};

use crate::support::stories::{
    durable, last_commit, last_start, offline_host, register, store_answers, store_answers_last, with, worker_ready,
    writing_host,
};
use crate::support::{Host, PROFILE, key, secs};

const MINUTE: u64 = 60;

/// What was written of the tag, and when that says it was registered.
fn written(host: &Host) -> Vec<WallTime> {
    let ops = host.commits.iter().flatten();
    let put = |op: &StoreOp| match op {
        StoreOp::PutRegistration(stored) => Some(stored.registered.wall),
        _ => None,
    };
    ops.filter_map(put).collect()
}

fn is_registered(host: &mut Host) -> bool {
    let request = host.register("outbox");
    matches!(host.reply(request), Some(Reply::Registered(Ok(()))))
}

#[test]
fn a_pending_tag_registered_again_is_answered_without_a_write() {
    let mut host = offline_host();
    assert!(is_registered(&mut host));
    host.run(secs(10 * MINUTE));
    let commits = host.commits.len();
    assert!(is_registered(&mut host));
    assert_eq!(host.commits.len(), commits);
    let now = host.clock().wall;
    let registered = host.machine.registration(&key(), SyncKind::OneShot, &Tag::from("outbox")).unwrap().registered();
    assert_eq!(registered.wall, now, "it is as young as the call all the same");
}

#[test]
fn the_age_in_the_store_is_never_an_hour_behind() {
    let mut host = offline_host();
    for _ in 0..24 {
        assert!(is_registered(&mut host));
        let behind = host.clock().wall.since(*written(&host).last().unwrap());
        assert!(behind < secs(60 * MINUTE), "{behind:?} behind");
        host.run(secs(25 * MINUTE));
    }
    assert!(written(&host).len() <= 10, "most calls cost nothing");
}

#[test]
fn without_that_allowance_every_call_is_written() {
    let mut host = writing_host();
    for calls in 1..4 {
        assert!(is_registered(&mut host));
        assert_eq!(written(&host).len(), calls);
    }
}

#[test]
fn what_was_tried_is_written() {
    let mut host = offline_host();
    host.outcomes.push_back(Some(Outcome::Rejected));
    assert!(is_registered(&mut host));
    host.network(NetworkState::Online { metered: false, roaming: false, network_id: None });
    host.run(secs(5));
    host.network(NetworkState::Offline);
    assert_eq!(host.events.len(), 1, "it was tried");
    let before = written(&host).len();
    assert!(is_registered(&mut host));
    assert_eq!(written(&host).len(), before + 1);
}

/// A pending registration stays one of the network on which it became pending, so a call on another one has nothing to
/// tell the store either.
#[test]
fn a_call_on_another_network_is_not_written_and_changes_nothing() {
    let mut host = Host::with(with(|parameters| parameters.network_mode = NetworkMode::Same));
    let named = |name| {
        let network_id = Some(NetworkId::new(name));
        NetworkState::Online { metered: false, roaming: false, network_id }
    };
    host.send(Input::Frozen);
    host.network(named("home"));
    assert!(is_registered(&mut host));
    let network_of =
        |host: &Host| host.machine.registration(&key(), SyncKind::OneShot, &Tag::from("outbox")).unwrap().network();
    let home = network_of(&host);
    assert!(home.is_some());
    host.network(named("work"));
    let commits = host.commits.len();
    for _ in 0..3 {
        assert!(is_registered(&mut host));
    }
    assert_eq!(host.commits.len(), commits);
    let in_store = durable(&host).contents().registrations.remove(0);
    assert_eq!((network_of(&host), in_store.network), (home, home));
}

#[test]
fn its_next_write_carries_the_new_age() {
    let mut host = offline_host();
    assert!(is_registered(&mut host));
    host.run(secs(30 * MINUTE));
    assert!(is_registered(&mut host));
    let asked = host.clock().wall;
    host.start = false;
    host.network(NetworkState::online());
    host.run(secs(10));
    assert_eq!(written(&host).last(), Some(&asked), "the start of its attempt is written");
}

#[test]
fn clearing_since_a_time_knows_of_the_call() {
    let mut host = offline_host();
    assert!(is_registered(&mut host));
    host.run(secs(30 * MINUTE));
    let since = host.clock().wall;
    assert!(is_registered(&mut host));
    host.send(Input::DataCleared { request: None, scope: ClearedScope::Partition(PROFILE), since: Some(since) });
    assert_eq!(host.machine.registration(&key(), SyncKind::OneShot, &Tag::from("outbox")), None);
}

#[test]
fn a_call_that_joins_one_on_its_way_waits_for_it() {
    let mut host = offline_host();
    host.commit = false;
    let [first, second] = [host.register("outbox"), host.register("outbox")];
    assert_eq!((host.reply(first), host.reply(second)), (None, None));
    let txn = last_commit(&host);
    host.send(Input::CommitFailed { txn });
    for request in [first, second] {
        assert_eq!(host.reply(request), Some(&Reply::Registered(Err(RegisterError::Store))));
    }
}

/// I3: the store does not have the tag any more, however young it is.
#[test]
fn a_store_that_lost_its_contents_has_them_again_before_a_call_is_answered() {
    let mut host = offline_host();
    assert!(is_registered(&mut host));
    host.commit = false;
    host.register("other");
    let txn = last_commit(&host);
    host.send(Input::ContentsLost { txn });
    let call = host.register("outbox");
    assert_eq!(host.reply(call), None, "nothing is acknowledged before the rewrite");
    let rewrite = host.outputs.iter().rev().find_map(|output| match output {
        Output::Rewrite { txn, .. } => Some(*txn),
        _ => None,
    });
    store_answers(&mut host, rewrite.unwrap());
    assert_eq!(host.reply(call), Some(&Reply::Registered(Ok(()))));
}

/// I3: a start that came to nothing is still in the store as the last chance that was told, and after a crash nothing
/// would follow it.
#[test]
fn a_call_after_a_last_chance_that_came_to_nothing_waits_until_that_is_taken_back() {
    let mut host = Host::with(with(|parameters| parameters.max_sync_attempts = 1));
    host.start = false;
    assert!(is_registered(&mut host));
    host.run(secs(1));
    let attempt = last_start(&host);
    host.commit = false;
    host.network = NetworkState::Offline;
    worker_ready(&mut host, attempt);
    assert!(host.events.is_empty(), "it gave way");
    let call = host.register("outbox");
    assert_eq!(host.reply(call), None, "the store says that nothing follows");
    store_answers_last(&mut host);
    assert_eq!(host.reply(call), Some(&Reply::Registered(Ok(()))));
}

/// The week after which a promise is old is counted on the wall clock, which goes on while the system sleeps.
#[test]
fn the_age_in_the_store_is_not_behind_by_a_sleep_either() {
    let mut host = offline_host();
    assert!(is_registered(&mut host));
    let slept = Now { wall: host.clock().wall.after(secs(8 * 24 * 60 * MINUTE)), ..host.clock() };
    host.machine.handle(slept, register(500, key(), "outbox"));
    let outputs: Vec<_> = std::iter::from_fn(|| host.machine.poll_output()).collect();
    assert!(outputs.iter().any(|output| matches!(output, Output::Commit { .. })), "{outputs:?}");
}

/// However far the age may be behind: what is counted of that ends somewhere.
#[test]
fn an_allowance_of_days_ends_some_time() {
    let mut host = Host::with(with(|parameters| parameters.max_age_behind = secs(5 * 24 * 60 * MINUTE)));
    host.network(NetworkState::Offline);
    for _ in 0..10 * 24 {
        assert!(is_registered(&mut host));
        host.run(secs(60 * MINUTE));
    }
    let behind = host.clock().wall.since(*written(&host).last().unwrap());
    assert!(behind <= secs(5 * 24 * 60 * MINUTE), "{behind:?} behind");
}
