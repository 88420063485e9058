//! What clearing since a moment takes: that very moment included.

use background_sync::registration::Tag;
use background_sync::{ClearedScope, Input, RegisterError, Reply};

use crate::support::stories::{last_commit, offline_host};
use crate::support::{Host, PROFILE, key, origin, secs};

fn clear_since_now(host: &mut Host) {
    let since = Some(host.clock().wall);
    host.send(Input::DataCleared { scope: ClearedScope::Origin(PROFILE, origin()), since });
}

#[test]
fn what_was_registered_at_that_moment_goes() {
    let mut host = offline_host();
    host.run(secs(10));
    host.register("outbox");
    clear_since_now(&mut host);
    assert_eq!(host.machine.registration(&key(), &Tag::from("outbox")), None);
}

/// The tag is older, and the call that is on its way is of that moment.
#[test]
fn a_call_made_at_that_moment_is_rejected() {
    let mut host = offline_host();
    host.register("outbox");
    host.run(secs(10));
    host.commit = false;
    let call = host.register("outbox");
    clear_since_now(&mut host);
    host.send(Input::Committed { txn: last_commit(&host) });
    assert_eq!(host.reply(call), Some(&Reply::Registered(Err(RegisterError::Cleared))));
}
