//! What clearing since a moment takes: that very moment included.

use background_sync::policy::SyncKind;
use background_sync::registration::Tag;
use background_sync::scheduler::SyncParameters;
use background_sync::{ClearedScope, Input, Machine, RegisterError, Reply, WorkerState};

use crate::support::stories::{at, last_commit, loaded, offline_host, store_of, stored, writing_host};
use crate::support::{Host, PROFILE, key, origin, secs};

fn clear_since_now(host: &mut Host) {
    let since = Some(host.clock().wall);
    host.send(Input::DataCleared { request: None, scope: ClearedScope::Origin(PROFILE, origin()), since });
}

#[test]
fn what_was_registered_at_that_moment_goes() {
    let mut host = offline_host();
    host.run(secs(10));
    host.register("outbox");
    clear_since_now(&mut host);
    assert_eq!(host.machine.registration(&key(), SyncKind::OneShot, &Tag::from("outbox")), None);
}

/// The tag is older, and the call that is on its way is of that moment.
#[test]
fn a_call_made_at_that_moment_is_rejected() {
    let mut host = writing_host();
    host.register("outbox");
    host.run(secs(10));
    host.commit = false;
    let call = host.register("outbox");
    clear_since_now(&mut host);
    host.send(Input::Committed { txn: last_commit(&host) });
    assert_eq!(host.reply(call), Some(&Reply::Registered(Err(RegisterError::Cleared))));
}

/// While the store is being read, two clearings with no call between them are kept as one.
#[test]
fn of_two_clearings_that_wait_for_the_store_the_longer_one_counts() {
    for order in [[15, 25], [25, 15]] {
        let mut machine = Machine::new(SyncParameters::recommended(), [1; 32]);
        for since in order {
            let scope = ClearedScope::Origin(PROFILE, origin());
            machine.handle(at(30), Input::DataCleared { request: None, scope, since: Some(at(since).wall) });
        }
        let mut made = stored(1, "outbox");
        made.registered.wall = at(20).wall;
        let earlier = stored(2, "earlier");
        machine.handle(at(31), Input::Loaded(loaded(&store_of([made, earlier]), WorkerState::Active)));
        assert_eq!(
            machine.registration(&key(), SyncKind::OneShot, &Tag::from("outbox")),
            None,
            "cleared since {order:?}"
        );
        assert!(machine.registration(&key(), SyncKind::OneShot, &Tag::from("earlier")).is_some());
    }
}
