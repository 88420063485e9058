use std::time::Duration;

use super::{go_online, open};
use crate::session::Session;
use crate::{Behaviour, EngineUnderTest};

const MINUTE: Duration = Duration::from_secs(60);

/// What was acknowledged survives.
pub(super) fn crash<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let key = open(&mut session);
    session.call(&key, "one");
    session.settle();
    session.call(&key, "two");
    session.settle();
    let mut session = session.crash();
    session.expect_registered(&key, "one");
    session.expect_registered(&key, "two");
    go_online(&mut session);
    session.expect_kept(&key, "one", 5 * MINUTE);
    session.expect_kept(&key, "two", 5 * MINUTE);
    session
}

/// An event whose end was not durable comes again.
pub(super) fn crash_in_an_event<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    go_online(&mut session);
    let key = open(&mut session);
    session.behave(&key, Behaviour::Hangs);
    session.call(&key, "outbox");
    session.advance(Duration::from_secs(5));
    session.call(&key, "drafts");
    session.advance(Duration::from_secs(5));
    let mut session = session.crash();
    session.behave(&key, Behaviour::Fulfils);
    session.expect_kept(&key, "outbox", 60 * MINUTE);
    session.expect_kept(&key, "drafts", 60 * MINUTE);
    session
}

/// What was not acknowledged is there or not, and nothing else is touched.
pub(super) fn crash_in_a_commit<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let key = open(&mut session);
    session.call(&key, "one");
    session.settle();
    session.slow_store();
    for tag in ["two", "three", "four"] {
        session.call(&key, tag);
    }
    session.settle();
    let mut session = session.crash();
    session.quick_store();
    session.expect_registered(&key, "one");
    session
}

pub(super) fn restart<E: EngineUnderTest>(mut session: Session<E>) -> Session<E> {
    let key = open(&mut session);
    session.call(&key, "outbox");
    session.settle();
    let mut session = session.restart();
    session.expect_registered(&key, "outbox");
    go_online(&mut session);
    session.expect_kept(&key, "outbox", 5 * MINUTE);
    session.restart()
}
