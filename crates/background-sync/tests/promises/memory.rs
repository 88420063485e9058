//! What came and went leaves nothing behind: I10.

use background_sync::policy::{Partition, PartitionId};
use background_sync::scheduler::{NetworkId, NetworkMode, NetworkState, SyncParameters};
use background_sync::{ClearedScope, Input, Machine, Outcome};

use crate::support::stories::{at, cancel, key_of, last_commit, last_question, offline_host, register, with};
use crate::support::{Host, PROFILE, key, secs};

/// Lives a story again and again, with a pause in which everything can be forgotten, and compares how much the machine
/// remembers after a few times and after many. The log has a bound of its own, so it is kept short.
fn leaves_nothing_behind(change: impl FnOnce(&mut SyncParameters), story: impl Fn(&mut Host, u64)) {
    let mut host = Host::with(with(|parameters| {
        parameters.max_log_entries = 1;
        change(parameters);
    }));
    let mut sizes = vec![];
    for n in 0..100 {
        story(&mut host, n);
        host.run(secs(200));
        assert_eq!(host.machine.registration_count(), 0, "the story is over");
        if n == 9 || n == 99 {
            sizes.push(format!("{:?}", host.machine).len());
        }
    }
    assert!(sizes[1] < sizes[0] + 500, "{sizes:?} after 10 and 100 times");
}

#[test]
fn what_was_kept_is_forgotten() {
    leaves_nothing_behind(
        |_| {},
        |host, _| {
            host.register("outbox");
        },
    );
}

#[test]
fn what_was_cancelled_before_its_reply_arrived_is_forgotten() {
    leaves_nothing_behind(
        |_| {},
        |host, _| {
            host.deliver = false;
            host.register("outbox");
            host.send(cancel("outbox"));
        },
    );
}

/// Two replies are on their way; the event that follows waits for the second.
#[test]
fn a_reply_that_nobody_waits_for_any_more_is_forgotten() {
    leaves_nothing_behind(
        |_| {},
        |host, _| {
            host.deliver = false;
            host.outcomes = [None].into();
            host.register("outbox");
            host.run(secs(5));
            let attempt = host.events.last().unwrap().1;
            host.register("outbox");
            host.register("outbox");
            host.send(Input::Finished { attempt, outcome: Outcome::Fulfilled });
        },
    );
}

/// The user says no to a network, and the sync fires on the one it was registered on.
#[test]
fn a_network_refused_for_a_sync_that_is_over_is_forgotten() {
    let named = |name| NetworkState::Online { metered: false, roaming: false, network_id: Some(NetworkId::new(name)) };
    let ask = |parameters: &mut SyncParameters| parameters.network_mode = NetworkMode::AskOnChange;
    leaves_nothing_behind(ask, |host, n| {
        host.network(named("home"));
        host.network(NetworkState::Offline);
        host.register(&format!("outbox {n}"));
        host.network(named("cafe"));
        host.run(secs(40));
        host.send(Input::Answered { attempt: last_question(host), yes: false });
        host.network(named("home"));
    });
}

#[test]
fn what_comes_and_goes_while_the_store_is_slow_takes_no_room() {
    let mut host = offline_host();
    host.commit = false;
    host.register("first");
    let empty = format!("{:?}", host.machine).len();
    for n in 0..2_000 {
        host.register(&format!("{n}-{}", "x".repeat(1_000)));
        host.send(Input::DataCleared { request: None, scope: ClearedScope::Key(key()), since: None });
    }
    let full = format!("{:?}", host.machine).len();
    assert!(full < 2 * empty + 1_000_000, "{empty} bytes before, {full} after");
}

#[test]
fn a_closed_private_partition_leaves_nothing() {
    let size = |n: u64| {
        let mut host = offline_host();
        for id in 0..n {
            let partition = Partition::Private(PartitionId(id));
            host.send(register(10_000 + id, key_of(partition, "https://secret.example"), "t"));
            host.send(Input::PartitionClosed { request: None, partition });
            host.run(secs(120));
        }
        host.outputs.clear();
        format!("{:?}", host.machine).len()
    };
    let (few, many) = (size(10), size(2_000));
    assert!(many < few + 2_000, "{few} bytes after 10, {many} after 2000");
}

#[test]
fn loading_that_fails_again_and_again_takes_no_room() {
    let size = |n: u32| {
        let mut host = Host::new();
        host.machine = Machine::new(SyncParameters::recommended(), [1; 32]);
        for _ in 0..n {
            host.register("t");
            let since = Some(host.clock().wall);
            host.send(Input::DataCleared { request: None, scope: ClearedScope::Key(key()), since });
            host.send(Input::LoadFailed);
            host.now += secs(1);
        }
        format!("{:?}", host.machine).len()
    };
    let (few, many) = (size(20), size(2_000));
    assert!(many < 2 * few + 30_000, "{few} {many}");
}

/// Sites call while the store cannot be read, and every call is given up.
#[test]
fn a_site_whose_calls_were_given_up_is_forgotten() {
    let mut machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    let mut sizes = vec![];
    for n in 0..100 {
        machine.handle(at(n), register(n, key_of(PROFILE, &format!("https://site{n}.example")), "outbox"));
        machine.handle(at(n), Input::LoadFailed);
        while machine.poll_output().is_some() {}
        sizes.push(format!("{machine:?}").len());
    }
    assert!(sizes[99] < sizes[9] + 500, "{} and {}", sizes[9], sizes[99]);
}

/// A number that is refused between two that are used can never be given again, so nobody has to remember it.
#[test]
fn a_call_that_is_taken_away_between_two_others_leaves_nothing() {
    leaves_nothing_behind(
        |_| {},
        |host, n| {
            host.commit = false;
            host.register("written");
            let hanging = last_commit(host);
            host.register("gone");
            host.send(register(10_000 + n, key_of(PROFILE, "https://other.example"), "stays"));
            host.send(Input::DataCleared { request: None, scope: ClearedScope::Key(key()), since: None });
            host.commit = true;
            host.send(Input::Committed { txn: hanging });
            host.run(secs(2));
            host.send(Input::Unregistered { request: None, key: key_of(PROFILE, "https://other.example") });
        },
    );
}
