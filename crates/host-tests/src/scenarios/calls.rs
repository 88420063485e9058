use std::time::Duration;

use background_sync::policy::WindowClients;

use super::{go_offline, go_online, open};
use crate::EngineUnderTest;
use crate::session::Session;

const MINUTE: Duration = Duration::from_secs(60);

/// What the feature is for: press send, close the tab.
pub(super) fn send_and_close<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    go_online(&mut session);
    let key = open(&mut session);
    session.call(&key, "outbox");
    session.set_windows(&key, WindowClients::none());
    session.expect_kept(&key, "outbox", 3 * MINUTE);
    session
}

pub(super) fn send_in_a_tunnel<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    go_online(&mut session);
    go_offline(&mut session);
    let key = open(&mut session);
    session.call(&key, "outbox");
    session.advance(10 * MINUTE);
    session.expect_registered(&key, "outbox");
    go_online(&mut session);
    session.expect_kept(&key, "outbox", 3 * MINUTE);
    session
}

/// Nobody hears anything before it is durable.
pub(super) fn slow_store<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    go_online(&mut session);
    let key = open(&mut session);
    session.slow_store();
    session.call(&key, "outbox");
    session.advance(MINUTE / 2);
    session.quick_store();
    session.expect_kept(&key, "outbox", 3 * MINUTE);
    session
}

pub(super) fn many_calls<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let key = open(&mut session);
    for tag in ["one", "two", "three", "two"] {
        session.call(&key, tag);
    }
    session.settle();
    go_online(&mut session);
    for tag in ["one", "two", "three"] {
        session.expect_kept(&key, tag, 5 * MINUTE);
    }
    session
}

pub(super) fn no_window<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let key = open(&mut session);
    session.set_windows(&key, WindowClients::none());
    session.call(&key, "outbox");
    session.settle();
    session.expect_taken_away(&key, "outbox");
    session
}
